using System.Text.RegularExpressions;

namespace MoCo.Tests.Rooms;

/// <summary>What holds for the source files themselves.</summary>
public sealed partial class SourceFileTests
{
    private const int MostFiles = 20;
    private const int LongestLine = 140;

    [Fact]
    public void The_namespace_is_the_folder()
        => Assert.Empty(SourceFile.Under("src/MoCo").Where(file => Namespace().Match(file.Text).Groups[1].Value != file.Space)
            .Select(file => $"{file.Path}: namespace '{Namespace().Match(file.Text).Groups[1].Value}', expected '{file.Space}'"));

    [Fact]
    public void A_folder_holds_no_more_files_than_a_reader_takes_in()
        => Assert.Empty(SourceFile.Under("src/MoCo").GroupBy(file => file.Folder)
            .Where(folder => folder.Count() > MostFiles)
            .Select(folder => $"{folder.Key}: {folder.Count()} files, at most {MostFiles}"));

    [Fact]
    public void Lines_end_at_140_characters()
        => Assert.Empty(new[] { "src", "samples", "tests" }.SelectMany(SourceFile.Under)
            .SelectMany(file => file.Text.Split('\n').Index().Where(line => line.Item.Length > LongestLine)
                .Select(line => $"{file.Path}:{line.Index + 1}: {line.Item.Length} characters, at most {LongestLine}")));

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
