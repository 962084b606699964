/* Blocks of data that packing.py has written: base64 of a deflate stream, in it a header and arrays. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var plainRead = kg.read;

  /* The data of a block, whether it is JSON or packed. */
  kg.read = function (id) {
    var element = document.getElementById(id);
    return element.type === "application/x-kumuhgis" ? kg.unpack(element.textContent) : plainRead(id);
  };

  kg.unpack = function (written) {
    var letters = atob(written);
    var squeezed = new Uint8Array(letters.length);
    for (var i = 0; i < letters.length; i++) squeezed[i] = letters.charCodeAt(i);
    var bytes = kg.inflate(squeezed.subarray(4), kg.whole(squeezed, 0, 1, 4));
    var length = kg.whole(bytes, 0, 1, 4);
    var header = new TextDecoder().decode(bytes.subarray(4, 4 + length));
    return JSON.parse(header, function (key, value) {
      return value && typeof value.$ === "string" ? kg.array(value, bytes.subarray(4 + length)) : value;
    });
  };

  /* A whole number from bytes that lie so far apart, lowest first. */
  kg.whole = function (bytes, at, apart, width) {
    var value = 0;
    for (var k = width - 1; k >= 0; k--) value = value * 256 + bytes[at + k * apart];
    return value;
  };

  kg.array = function (found, bytes) {
    var n = found.n;
    if (found.$ === "1") return bytes.subarray(found.at, found.at + n);
    if (found.$ === "v") return kg.varints(bytes, found.at, n);
    if (found.$ === "d") {
      var start = bytes.byteOffset + found.at;
      return new Float64Array(bytes.buffer.slice(start, start + 8 * n));
    }
    var width = Number(found.$);
    var out = width === 2 ? new Uint16Array(n) : new Uint32Array(n);
    for (var i = 0; i < n; i++) out[i] = kg.whole(bytes, found.at + i, n, width);
    return out;
  };

  kg.varints = function (bytes, at, n) {
    var out = new Float64Array(n);
    for (var i = 0; i < n; i++) {
      var folded = 0;
      var factor = 1;
      var byte;
      do {
        byte = bytes[at++];
        folded += (byte & 127) * factor;
        factor *= 128;
      } while (byte & 128);
      out[i] = folded % 2 ? -(folded + 1) / 2 : folded / 2;
    }
    return out;
  };

  /* A column of a packed table; root is the block in which a base is looked for. value(i) is null where it is missing. */
  kg.column = function (root, column) {
    if (!column) return function () { return null; };
    if (column.plain) return function (i) { return isNaN(column.plain[i]) ? null : column.plain[i]; };
    var codes = column.codes;
    var code = typeof codes === "number" ? function () { return codes; } : function (i) { return codes[i]; };
    if (column.words) {
      return function (i) {
        var k = code(i);
        return k ? column.words[k - 1] : null;
      };
    }
    var scale = column.scale;
    var least = column.least - 1;
    var base = column.base && kg.column(root, column.base.reduce(function (part, key) { return part[key]; }, root));
    return function (i) {
      var k = code(i);
      if (!k) return null;
      return (k + least + (base ? Math.round(base(i) * scale) : 0)) / scale;
    };
  };

  /* Inflate a raw deflate stream (RFC 1951) of a known size; browsers do it only since 2023, phones are older. */
  kg.inflate = function (source, size) {
    var stream = { source: source, at: 0, hold: 0, held: 0 };
    var out = new Uint8Array(size);
    var done = 0;
    var last;
    do {
      last = bits(stream, 1);
      var kind = bits(stream, 2);
      if (kind === 0) done = stored(stream, out, done);
      else done = coded(stream, out, done, kind === 1 ? fixed() : dynamic(stream));
    } while (!last);
    return out;
  };

  var bits = function (stream, n) {
    while (stream.held < n) {
      stream.hold |= stream.source[stream.at++] << stream.held;
      stream.held += 8;
    }
    var value = stream.hold & ((1 << n) - 1);
    stream.hold >>>= n;
    stream.held -= n;
    return value;
  };

  var stored = function (stream, out, done) {
    stream.at -= stream.held >> 3;
    stream.hold = stream.held = 0;
    var length = stream.source[stream.at] | (stream.source[stream.at + 1] << 8);
    stream.at += 4;
    out.set(stream.source.subarray(stream.at, stream.at + length), done);
    stream.at += length;
    return done + length;
  };

  /* A table from the next bits of the stream to a symbol and the length of its code, for given lengths. */
  var table = function (lengths) {
    var most = 1;
    var count = new Uint16Array(16);
    for (var i = 0; i < lengths.length; i++) {
      count[lengths[i]]++;
      if (lengths[i] > most) most = lengths[i];
    }
    count[0] = 0;
    var next = new Uint16Array(17);
    for (var b = 1; b <= 15; b++) next[b + 1] = (next[b] + count[b]) << 1;
    var found = new Uint16Array(1 << most);
    for (var symbol = 0; symbol < lengths.length; symbol++) {
      var length = lengths[symbol];
      if (!length) continue;
      var code = next[length]++;
      var turned = 0;
      for (var k = 0; k < length; k++) turned |= ((code >> k) & 1) << (length - 1 - k);
      for (var at = turned; at < found.length; at += 1 << length) found[at] = (symbol << 4) | length;
    }
    return { most: most, found: found };
  };

  var known = null;
  var fixed = function () {
    if (!known) {
      var lengths = new Uint8Array(288);
      for (var i = 0; i < 288; i++) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
      known = { words: table(lengths), ways: table(new Uint8Array(30).fill(5)) };
    }
    return known;
  };

  var ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
  var dynamic = function (stream) {
    var words = bits(stream, 5) + 257;
    var ways = bits(stream, 5) + 1;
    var short = bits(stream, 4) + 4;
    var lengths = new Uint8Array(19);
    for (var i = 0; i < short; i++) lengths[ORDER[i]] = bits(stream, 3);
    var codes = table(lengths);
    var all = new Uint8Array(words + ways);
    for (var n = 0; n < all.length;) {
      var symbol = next(stream, codes);
      if (symbol < 16) all[n++] = symbol;
      else {
        var again = symbol === 16 ? 3 + bits(stream, 2) : symbol === 17 ? 3 + bits(stream, 3) : 11 + bits(stream, 7);
        var value = symbol === 16 ? all[n - 1] : 0;
        while (again--) all[n++] = value;
      }
    }
    return { words: table(all.subarray(0, words)), ways: table(all.subarray(words)) };
  };

  var next = function (stream, codes) {
    while (stream.held < codes.most) {
      stream.hold |= stream.source[stream.at++] << stream.held;
      stream.held += 8;
    }
    var entry = codes.found[stream.hold & ((1 << codes.most) - 1)];
    stream.hold >>>= entry & 15;
    stream.held -= entry & 15;
    return entry >> 4;
  };

  /* First length or distance of each symbol, and how many bits follow it. */
  var ladder = function (first, step, count) {
    var start = [];
    var extra = [];
    for (var i = 0, at = first; i < count; i++) {
      var more = Math.max(0, Math.floor(i / step) - 1);
      start.push(at);
      extra.push(more);
      at += 1 << more;
    }
    return { start: start, extra: extra };
  };
  var LENGTHS = ladder(3, 4, 29);
  LENGTHS.start[28] = 258;
  LENGTHS.extra[28] = 0;
  var DISTANCES = ladder(1, 2, 30);

  var coded = function (stream, out, done, codes) {
    for (;;) {
      var symbol = next(stream, codes.words);
      if (symbol < 256) out[done++] = symbol;
      else if (symbol === 256) return done;
      else {
        var length = LENGTHS.start[symbol - 257] + bits(stream, LENGTHS.extra[symbol - 257]);
        var way = next(stream, codes.ways);
        var from = done - DISTANCES.start[way] - bits(stream, DISTANCES.extra[way]);
        while (length--) out[done++] = out[from++];
      }
    }
  };
})();
