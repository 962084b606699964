"""Help that teaches: commands in the order in which one meets them, examples to copy, the word one may have meant."""

import click

from kumuhgis.text import text, texts

GROUPS = {
    "start": ["demo", "init", "check"],
    "assess": ["assess", "map", "explain", "score", "rules"],
    "survey": ["form", "progress"],
    "workshop": ["contributions", "compare"],
    "office": ["report", "publish"],
    "tools": ["doctor", "completion"],
}
"""Groups of the help, and their commands, in the order in which one meets them."""


def examples(name, lang="id"):
    """Give the examples of a command.

    Parameters
    ----------
    name : str
        A command, or "main" for the whole program.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    list of (str, str)
        A line to copy, and what it is for.

    Examples
    --------
    >>> examples("doctor", "en")[0][0]
    'kumuhgis doctor'
    """
    lines = text(f"help.examples.{name}", lang).strip().splitlines()
    return list(zip(lines[::2], lines[1::2], strict=True))


def translated(words, lang):
    """Put click's own words into our language, longest first."""
    english, ours = texts("en", "click"), texts(lang, "click")
    for key in sorted(english, key=lambda k: -len(english[k])):
        words = words.replace(english[key], ours[key])
    return words


def meant(word, of, lang="id"):
    """Give what somebody may have meant by a word that is none of ours.

    Parameters
    ----------
    word : str
        What was typed.
    of : {"synonyms", "kinds"}
        Commands or kinds of documents.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    str or None
        The command or the kind.

    Examples
    --------
    >>> meant("peta", "synonyms"), meant("SK", "kinds"), meant("zzz", "kinds")
    ('map', 'decree', None)
    """
    prefix = f"help.{of}."
    for key, words in texts(lang, "help").items():
        if key.startswith(prefix) and word.lower().replace("-", "_") in words.split():
            return key.removeprefix(prefix)
    return None


def usage(ctx):
    """Write how a command is called, and one example of it, for somebody who called it wrongly."""
    name, lang = ctx.command.name, ctx.obj
    line, _ = examples(name if name in ctx.command_path.split()[1:] else "main", lang)[0]
    return f"{translated(ctx.get_usage(), lang)}\n{text('help.examples_heading', lang)}: {line}"


def _write_examples(formatter, name, lang):
    with formatter.section(text("help.examples_heading", lang)):
        for line, purpose in examples(name, lang):
            formatter.write(f"{'':{formatter.current_indent}}{line}\n")
            formatter.write(f"{'':{formatter.current_indent + 4}}{purpose}\n")


class Kind(click.Choice):
    """A kind of document; for another word for one, the kind is named."""

    def convert(self, value, param, ctx):
        """Read a kind, or say which one the word may mean."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            kind = meant(value, "kinds", ctx.obj) if ctx is not None else None
            if kind:
                error.message += " " + text("cli.meant", ctx.obj, word=kind)
            raise


class Command(click.Command):
    """A command with examples below its options."""

    def get_help(self, ctx):
        """Write the help in the language of the run."""
        return translated(super().get_help(ctx), ctx.obj)

    def format_epilog(self, ctx, formatter):
        """Write what kinds of documents there are, and the examples."""
        for param in self.params:
            if isinstance(param.type, Kind):
                self._write_kinds(param.type.choices, ctx.obj, formatter)
        _write_examples(formatter, self.name, ctx.obj)

    def _write_kinds(self, kinds, lang, formatter):
        titles = texts(lang, "documents")
        named = [(kind, titles[f"documents.{kind}.name"]) for kind in kinds if f"documents.{kind}.name" in titles]
        with formatter.section(text("help.words_heading", lang)):
            formatter.write_dl(named)


class Group(click.Group):
    """All commands, in groups, in the order in which one meets them."""

    command_class = Command

    def get_help(self, ctx):
        """Write the help in the language of the run."""
        return translated(super().get_help(ctx), ctx.obj)

    def add_command(self, cmd, name=None):
        """Take up a command; shells that complete show its short help."""
        cmd.short_help = text(f"help.short.{name or cmd.name}", self.context_settings["obj"])
        super().add_command(cmd, name)

    def list_commands(self, ctx):
        """Give the names of the commands in their order."""
        return [name for names in GROUPS.values() for name in names]

    def format_commands(self, ctx, formatter):
        """Write one line a command, in groups."""
        width = max(map(len, self.commands))
        for group, names in GROUPS.items():
            with formatter.section(text(f"help.group.{group}", ctx.obj)):
                formatter.write_dl([(f"{n:{width}}", self.commands[n].short_help) for n in names])

    def format_epilog(self, ctx, formatter):
        """Write the first examples and where to read on."""
        _write_examples(formatter, "main", ctx.obj)
        formatter.write_paragraph()
        formatter.write_text(text("help.more", ctx.obj))

    def resolve_command(self, ctx, args):
        """Find a command; for a word of the language that is none, name the one that it may mean."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            name = meant(args[0], "synonyms", ctx.obj)
            if name and f"'{name}'" not in error.format_message():
                raise click.UsageError(
                    f"{error.format_message()} {text('cli.meant', ctx.obj, word=name)}", ctx
                ) from None
            raise

    def invoke(self, ctx):
        """Turn our errors into one clear message and exit code 2."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            problems = getattr(error, "problems", None)
            if problems is None:
                raise
            for problem in problems:
                click.echo(f"✗ {problem.line(ctx.obj)}", err=True)
            ctx.exit(2)
