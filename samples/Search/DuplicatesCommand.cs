using MoCo.Evaluation.Search;

namespace Search;

/// <summary><c>search duplicates</c>: pairs of images that are nearly the same.</summary>
internal static class DuplicatesCommand
{
    public static Command Create(CancellationToken stop)
    {
        Option<double> threshold = Numbers.Real(
            "--threshold", "the least cosine similarity of a pair, above -1 to 1; which one separates depends on the encoder", 0.98, -1, 1);
        Option<int> most = Numbers.Whole("--most", "how many pairs to list, the most similar ones", 100, 1, 100_000);
        Option<string?> html = OutputFile.Option("--html", "write a page with the images");
        Command command = new("duplicates", "Lists pairs of nearly equal images of an index.")
        {
            IndexNotes.Index, threshold, most, html, IndexNotes.Moved,
        };
        command.SetWork(parsed =>
        {
            string? page = parsed.GetValue(html);
            (SimilarityIndex index, IndexNotes notes) = IndexNotes.Open(parsed);
            using SimilarityIndex opened = index;
            double least = parsed.GetValue(threshold);
            (IReadOnlyList<(int First, int Second, float Similarity)> pairs, long found)
                = index.FindNearDuplicates(least, parsed.GetValue(most), stop);
            foreach ((int first, int second, float similarity) in pairs)
                Console.WriteLine($"{similarity:F4}  {index.Names[first]}  {index.Names[second]}");
            string listed = found > pairs.Count ? $"; the {pairs.Count:N0} most similar are listed" : "";
            string summary = $"{Counted.Of(found, "pair")} among {Counted.Of(index.Count, "image")} at least {least} alike{listed}";
            Console.WriteLine(summary);
            if (page is null) return;
            HitPage.Write(
                page, summary, [.. pairs.Select(pair => (Of(pair.First, null), (Hit[])[Of(pair.Second, pair.Similarity)]))], stop);

            Hit Of(int image, float? similarity) => new(index.Names[image], notes.FileOf(index.Names[image]), similarity);
        });
        return command;
    }
}
