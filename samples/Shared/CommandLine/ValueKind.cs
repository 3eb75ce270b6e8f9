namespace Samples.CommandLine;

/// <summary>A kind of value on the command line and in options files.</summary>
/// <param name="Hint">What a value looks like in the help.</param>
/// <param name="Parse">From text; a <see cref="FormatException"/> says what is expected.</param>
internal sealed record ValueKind<T>(string Hint, Func<string, T> Parse)
{
    /// <summary>How the absence of a value is written; null: not at all.</summary>
    public string? Absent { get; init; }

    /// <summary>The words that a value can be; empty: it can be others.</summary>
    public IReadOnlyCollection<string> Words { get; init; } = [];

    /// <summary>What stands between several values that are given one by one.</summary>
    public char Separator { get; init; } = ',';

    /// <summary>An option with such a value; what is wrong is told by the option's name.</summary>
    public Option<T> Option(string name, string help) => Option(name, help, value => value);

    /// <summary>An option with what is made of such a value.</summary>
    public Option<TMade> Option<TMade>(string name, string help, Func<T, TMade> make) => new(name)
    {
        Description = help,
        HelpName = Hint,
        Arity = typeof(T) == typeof(bool) ? ArgumentArity.ZeroOrOne
            : typeof(T).IsArray ? ArgumentArity.OneOrMore
            : ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            // A switch may stand alone.
            string text = result.Tokens.Count == 0 ? "true" : string.Join(Separator, result.Tokens.Select(token => token.Value));
            try
            {
                return make(Parse(text));
            }
            catch (FormatException error)
            {
                result.AddError($"{name} is '{text}'; expected {error.Message}{(Absent is null ? "" : $", or {Absent}")}."
                    + Nearest.Question(text, Words));
                return default;
            }
        },
    };

    /// <summary>As a file or the help has it.</summary>
    public string? Text(object? value) => value is null ? Absent : Values.Text(value);
}
