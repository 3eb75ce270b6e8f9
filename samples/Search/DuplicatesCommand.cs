using System.CommandLine;
using System.Globalization;
using MoCo.Evaluation.Search;
using Samples.CommandLine;
using Samples.Evaluation;

namespace Search;

/// <summary><c>search duplicates</c>: pairs of images that are nearly the same.</summary>
internal static class DuplicatesCommand
{
    public static Command Create(CancellationToken stop)
    {
        Option<double> threshold = Numbers.Real("--threshold", "the least cosine similarity of a pair, above -1 to 1; which one separates depends on the encoder", 0.98, -1, 1);
        Option<int> most = Numbers.Whole("--most", "how many pairs to list, the most similar ones", 100, 1, 100_000);
        Option<string?> html = OutputFile.Option("--html", "write a page with the images");
        var command = new Command("duplicates", "Lists pairs of nearly equal images of an index.") { IndexNotes.Index, threshold, most, html, IndexNotes.Moved };
        command.SetWork(parsed =>
        {
            string? page = parsed.GetValue(html);
            OutputFile.Check(page);
            (SimilarityIndex index, IndexNotes notes) = IndexNotes.Open(parsed);
            using SimilarityIndex opened = index;
            NearDuplicates found = index.FindNearDuplicates(parsed.GetValue(threshold), parsed.GetValue(most), stop);
            foreach (SimilarPair pair in found.Pairs)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{pair.Similarity:F4}  {index.Names[pair.First]}  {index.Names[pair.Second]}"));
            string summary = string.Create(CultureInfo.InvariantCulture, $"{found.Found:N0} pairs of {index.Count:N0} images are at least {parsed.GetValue(threshold)} alike{(found.Found > found.Pairs.Count ? $"; the {found.Pairs.Count:N0} most similar are listed" : "")}");
            Console.WriteLine(summary);
            if (page is null) return;
            HitPage.Write(page, summary, [.. found.Pairs.Select(pair => new HitGroup(Of(pair.First, null), [Of(pair.Second, pair.Similarity)]))], stop);

            Hit Of(int image, float? similarity) => new(index.Names[image], notes.FileOf(index.Names[image]), similarity);
        });
        return command;
    }
}
