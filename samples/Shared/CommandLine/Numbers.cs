namespace Samples.CommandLine;

/// <summary>Options whose values are numbers within bounds.</summary>
internal static class Numbers
{
    /// <summary>A whole number.</summary>
    public static Option<int> Whole(string name, string description, int otherwise, int least, int most) =>
        Values.Whole<int>(least, most).Option(name, description).Or(otherwise);

    /// <summary>A whole number that may be left to the program.</summary>
    public static Option<int?> WholeOrAuto(string name, string description, int least, int most) =>
        Values.Whole<int>(least, most).Option(name, description, value => (int?)value);

    /// <summary>A number above one bound, up to another.</summary>
    public static Option<double> Real(string name, string description, double otherwise, double above, double most) =>
        Values.Above(above, most).Option(name, description).Or(otherwise);

    /// <summary>Numbers with commas between; none given means null.</summary>
    public static Option<double[]?> Reals(string name, string description, double above, double most)
    {
        ValueKind<double> one = Values.Above(above, most);
        return new ValueKind<double[]?>("X,X,…", text => [.. text.Split(',').Select(one.Parse)]).Option(name, description);
    }

    /// <summary>The option with what it is where it is not given.</summary>
    public static Option<T> Or<T>(this Option<T> option, T otherwise)
    {
        option.DefaultValueFactory = _ => otherwise;
        return option;
    }
}
