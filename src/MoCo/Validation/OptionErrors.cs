using System.Runtime.CompilerServices;

namespace MoCo.Validation;

/// <summary>Collects what is wrong with a record of options, so that one exception tells all of it.</summary>
/// <param name="options">What is checked, as the message calls it.</param>
internal sealed class OptionErrors(string options)
{
    private readonly List<string> errors = [];
    private string group = "";

    /// <summary>Notes an error where a property's value is not allowed; the compiler fills in the property's name.</summary>
    public OptionErrors Check(bool allowed, object? value, string expected, [CallerArgumentExpression(nameof(value))] string property = "")
    {
        if (!allowed) errors.Add(FormattableString.Invariant($"{group}{property} is {Shown(value)}; expected {expected}."));
        return this;
    }

    /// <summary>Notes an error where an enumeration has a value without a name.</summary>
    public OptionErrors CheckDefined<T>(T value, [CallerArgumentExpression(nameof(value))] string property = "")
        where T : struct, Enum
        => Check(Enum.IsDefined(value), value, $"one of {string.Join(", ", Enum.GetNames<T>())}", property);

    /// <summary>Checks a nested record of options, whose properties are called by its name and theirs.</summary>
    public OptionErrors CheckPart<T>(
        T? part, Func<T, Action<OptionErrors>> check, [CallerArgumentExpression(nameof(part))] string property = "")
        where T : class
    {
        if (part is null) return Check(false, null, "options", property);
        string outer = group;
        group += property + ".";
        check(part)(this);
        group = outer;
        return this;
    }

    /// <summary>Throws if there was an error.</summary>
    /// <exception cref="ArgumentException">The message lists every error with the property, its value and what is allowed.</exception>
    public void ThrowIfAny()
    {
        if (errors.Count > 0) throw new ArgumentException($"{options}: {string.Join(" ", errors)}");
    }

    private static string Shown(object? value) => value switch
    {
        null => "null",
        string text => $"'{text}'",
        bool yes => yes ? "true" : "false",
        System.Collections.IEnumerable list => $"[{string.Join(", ", list.Cast<object>().Select(Shown))}]",
        _ => FormattableString.Invariant($"{value}"),
    };
}
