using MoCo.Evaluation.Search;

namespace Search;

/// <summary><c>search dedup</c>: which images of an index could go, and which are like none, as a table for scripts.</summary>
internal static class DedupCommand
{
    public static Command Create(CancellationToken stop)
    {
        Option<double> threshold = Numbers.Real(
            "--threshold", "the least cosine similarity to an image that is kept, above -1 to 1; which one separates depends on the "
                + "encoder", 0.98, -1, 1);
        Option<int> outliers = Numbers.Whole("--outliers", "how many images to list that are least like the others", 20, 0, 1_000_000);
        Option<int> neighbours = Numbers.Whole("--neighbours", "how many nearest others an outlier is measured by", 5, 1, 1000);
        Option<string?> csv = OutputFile.Option("--csv", "the table to make or replace");
        csv.Required = true;
        Option<string?> html = OutputFile.Option("--html", "write a page with the groups of duplicates and the outliers");
        Command command = new(
            "dedup",
            """
            Writes near-duplicates and outliers of an index into a table that a script can act on: comma-separated, UTF-8, a header.

              kind        duplicate or outlier
              action      of duplicates keep for one image of each group, the first of the index, and drop for those that it stands
                          for, each at least --threshold alike to it; of outliers look
              group       the number of the group of duplicates, from 1; empty for outliers
              similarity  the cosine similarity to the group's kept image, 1 for itself; of an outlier the mean of the cosine
                          similarities to its nearest others, the least first
              image       the name in the index
              path        the image's file

            An outlier may be a duplicate too. To move what can go, in Python:

              for row in csv.DictReader(open("dedup.csv", encoding="utf-8", newline="")):
                  if row["action"] == "drop": shutil.move(row["path"], "duplicates/")
            """)
        {
            IndexNotes.Index, threshold, outliers, neighbours, csv, html, IndexNotes.Moved,
        };
        command.SetWork(parsed =>
        {
            (SimilarityIndex index, IndexNotes notes) = IndexNotes.Open(parsed);
            using SimilarityIndex opened = index;
            double least = parsed.GetValue(threshold);
            IReadOnlyList<(int Index, int Kept, float Similarity)> duplicates = index.FindRedundant(least, stop);
            (int asked, int near) = (parsed.GetValue(outliers), Math.Min(parsed.GetValue(neighbours), index.Count - 1));
            IReadOnlyList<(int Index, float Similarity)> lonely = asked > 0 && near > 0 ? index.FindOutliers(asked, near, stop) : [];
            IGrouping<int, (int Index, int Kept, float Similarity)>[] groups
                = [.. duplicates.GroupBy(duplicate => duplicate.Kept).OrderBy(group => group.Key)];
            List<JsonObject> rows = [];
            for (int i = 0; i < groups.Length; i++)
            {
                rows.Add(Row("duplicate", "keep", i + 1, groups[i].Key, 1));
                foreach ((int image, _, float similarity) in groups[i]) rows.Add(Row("duplicate", "drop", i + 1, image, similarity));
            }
            foreach ((int image, float similarity) in lonely) rows.Add(Row("outlier", "look", null, image, similarity));
            string head = string.Join(',', Row("", "", null, 0, 0).Select(cell => cell.Key)) + "\n";
            OutputFile.Write(parsed.GetValue(csv)!, rows.Count > 0 ? CsvText.Of(rows) : head);
            string summary = $"{Counted.Of(duplicates.Count, "image")} of {index.Count:N0} at least {least} alike to one of "
                + $"{Counted.Of(groups.Length, "other")} that stand for them; {Counted.Of(lonely.Count, "outlier")} listed";
            Console.WriteLine(summary);
            if (parsed.GetValue(html) is not { } page) return;
            HitPage.Write(
                page, summary,
                [
                    .. groups.Select(group => (Of(group.Key, null), (Hit[])[.. group.Select(entry => Of(entry.Index, entry.Similarity))])),
                    .. lonely.Select(entry => (Of(entry.Index, entry.Similarity), (Hit[])[])),
                ],
                stop);

            JsonObject Row(string kind, string action, int? group, int image, float similarity) => new()
            {
                ["kind"] = kind,
                ["action"] = action,
                ["group"] = group,
                ["similarity"] = similarity.ToString("F4", CultureInfo.InvariantCulture),
                ["image"] = index.Names[image],
                ["path"] = notes.FileOf(index.Names[image]),
            };
            Hit Of(int image, float? similarity) => new(index.Names[image], notes.FileOf(index.Names[image]), similarity);
        });
        return command;
    }
}
