using MoCo.Evaluation;
using Spectre.Console;

namespace Evaluate.Labels;

/// <summary>What a classifier made of each class.</summary>
internal static class ClassTable
{
    private const int MostRows = 40;

    /// <summary>Shows each class's recall, precision and what it was most often taken for; of many classes the worst.</summary>
    public static void Show(ConfusionMatrix confusion)
    {
        int[] classes = [.. Enumerable.Range(0, confusion.Names.Count).Where(label => double.IsFinite(confusion.Recall(label)))];
        bool all = classes.Length <= MostRows;
        if (!all) classes = [.. classes.OrderBy(confusion.Recall).Take(MostRows)];
        string title = all ? "by class" : $"the {MostRows} classes that were recognised worst";
        Table table = Screen.Table(title, "class", "recall", "precision", "most often taken for");
        foreach (int label in classes)
        {
            int wrong = Enumerable.Range(0, confusion.Names.Count).Where(other => other != label).MaxBy(other => confusion[label, other]);
            int times = confusion.Names.Count > 1 ? confusion[label, wrong] : 0;
            string confused = times == 0 ? "–" : $"{confusion.Names[wrong]}, {times:N0}×";
            (string recall, string precision) = (Screen.Percent(confusion.Recall(label)), Screen.Percent(confusion.Precision(label)));
            table.Row(confusion.Names[label], recall, precision, confused);
        }
        Screen.Show(table);
    }

    /// <summary>The whole matrix with the classes' names.</summary>
    public static object Json(ConfusionMatrix confusion)
    {
        int[] labels = [.. Enumerable.Range(0, confusion.Names.Count)];
        return new
        {
            Classes = confusion.Names,
            ActualByPredicted = labels.Select(actual => labels.Select(predicted => confusion[actual, predicted])),
        };
    }
}
