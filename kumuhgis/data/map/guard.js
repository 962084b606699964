/* What a policy in the page cannot forbid: that a script takes the reader (and what it knows) to another address. */
(function () {
  "use strict";
  if (!window.navigation) return;
  window.navigation.addEventListener("navigate", function (event) {
    var here = event.destination.url.split("#")[0] === window.location.href.split("#")[0];
    var ours = here || event.userInitiated || event.downloadRequest !== null;
    if (!ours && event.cancelable) event.preventDefault();
  });
})();
