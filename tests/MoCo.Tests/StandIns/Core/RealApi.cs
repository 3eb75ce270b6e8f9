using System.Text.RegularExpressions;

namespace MoCo.Tests.StandIns.Core;

/// <summary>The list of the real package's public and protected members: by type, with the types that each inherits from.</summary>
internal sealed partial class RealApi
{
    private readonly Dictionary<string, Entry> types = [];

    private RealApi(IEnumerable<string> lines)
    {
        Entry? current = null;
        foreach (string line in lines)
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                current = Entry.Parse(line[3..]);
                types[current.Name] = current;
            }
            else if (line.StartsWith("  ", StringComparison.Ordinal))
            {
                current?.Members.Add(Modifiers().Replace(line.Trim(), ""));
            }
        }
    }

    /// <summary>Reads a package's list from the nearest shared/api folder above the tests; null where there is none.</summary>
    internal static RealApi? Find(string package)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string file = Path.Combine(folder.FullName, "shared", "api", $"{package}.txt");
            if (File.Exists(file)) return new RealApi(File.ReadLines(file));
        }
        return null;
    }

    internal bool HasType(string heading) => types.ContainsKey(heading);

    internal string KindOf(string heading) => types[heading].Kind;

    /// <summary>True where the type or one that it inherits from lists the member.</summary>
    internal bool HasMember(string heading, string member)
    {
        for (Entry? entry = types[heading]; entry is not null; entry = BaseOf(entry))
        {
            if (entry.Members.Contains(entry.Kind == "enum" || member.Length == 0 ? member : Modifiers().Replace(member, ""))) return true;
        }
        return false;
    }

    private Entry? BaseOf(Entry entry)
    {
        if (entry.Base is null) return null;
        int arity = entry.Base.Count(c => c == ',');
        string plain = entry.Base.Split('<')[0];
        // the outermost type of that name: SGD.ParamGroup is not the base of ParamGroup<T>, but derives from it
        return types.Values.OrderBy(other => other.Name.Count(c => c == '.')).FirstOrDefault(other =>
            other.Kind.EndsWith("class", StringComparison.Ordinal)
            && other.Name.Split('<')[0].EndsWith("." + plain, StringComparison.Ordinal)
            && other.Name.Contains('<') == entry.Base.Contains('<')
            && (!entry.Base.Contains('<') || arity >= other.Name.Count(c => c == ',')));
    }

    [GeneratedRegex(@"\b(virtual|override|abstract|sealed|readonly) ")]
    private static partial Regex Modifiers();

    private sealed record Entry(string Name, string? Base, string Kind)
    {
        internal HashSet<string> Members { get; } = [];

        // TorchSharp.X<T> : Base<T>, IThing where T : Tensor [abstract class]
        internal static Entry Parse(string heading)
        {
            int bracket = heading.LastIndexOf('[');
            string kind = heading[(bracket + 1)..].TrimEnd(']').Split(' ').Last();
            string head = heading[..bracket].Split(" where ")[0].Split(" = ")[0].Trim();
            string[] parts = head.Split(" : ", 2);
            return new Entry(parts[0], parts.Length == 2 ? FirstBase(parts[1]) : null, kind);
        }

        private static string FirstBase(string list)
        {
            int depth = 0, end = 0;
            for (; end < list.Length; end++)
            {
                if (list[end] is '<' or '(') depth++;
                else if (list[end] is '>' or ')') depth--;
                else if (list[end] == ',' && depth == 0) break;
            }
            return list[..end];
        }
    }
}
