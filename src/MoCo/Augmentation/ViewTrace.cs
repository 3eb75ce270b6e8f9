namespace MoCo.Augmentation;

/// <summary>What the steps of a recipe drew for one view: something to read beside the view.</summary>
public sealed class ViewTrace
{
    private readonly List<(string Step, string Drawn)> entries = [];

    /// <summary>The steps that did something, in order, with what they drew.</summary>
    public IReadOnlyList<(string Step, string Drawn)> Entries => entries;

    /// <summary>Adds what a step drew.</summary>
    /// <param name="step">The step's name.</param>
    /// <param name="drawn">Its parameters for this view.</param>
    public void Add(string step, string drawn)
    {
        ArgumentException.ThrowIfNullOrEmpty(step);
        ArgumentNullException.ThrowIfNull(drawn);
        entries.Add((step, drawn));
    }

    /// <summary>Forgets everything, for the next view.</summary>
    public void Clear() => entries.Clear();
}
