using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Copies a shared library of x86-64 Linux with one needed symbol version marked as optional (VER_FLG_WEAK), so that a machine
/// whose library lacks the version loads it. Compiled by MSBuild from MoCo.targets.</summary>
/// <remarks>Only where nothing but the named marker symbol carries that version: whatever else did would be missing when it is
/// called.</remarks>
public sealed class RelaxSymbolVersion : Task
{
    [Required]
    public string Library { get; set; }

    [Required]
    public string Copy { get; set; }

    /// <summary>The version that becomes optional, such as GLIBCXX_3.4.32.</summary>
    [Required]
    public string Version { get; set; }

    /// <summary>The only symbol that may carry it.</summary>
    [Required]
    public string Marker { get; set; }

    /// <summary>Whether to do it even where this machine's libstdc++ has the version.</summary>
    public bool Always { get; set; }

    public override bool Execute()
    {
        // Not written over: the output holds hard links to an earlier copy.
        File.Delete(Copy);
        string reason = "";
        if (!Always)
        {
            if (!RuntimeInformation.IsOSPlatform(OSPlatform.Linux)) return true;
            string standardLibrary = StandardLibrary();
            if (standardLibrary != null && Contains(File.ReadAllBytes(standardLibrary), Version)) return true;
            reason = standardLibrary == null ? ", because this machine has no libstdc++.so.6"
                : ", because " + standardLibrary + " lacks it";
        }
        string name = Path.GetFileName(Library);
        byte[] file = File.ReadAllBytes(Library);
        try
        {
            ElfFile library = new(file);
            if (!library.Needs(Version))
            {
                Log.LogMessage("MoCo: {0} does not need {1}.", name, Version);
                return true;
            }
            string user = library.OtherUser(Version, Marker);
            if (user != null)
            {
                Log.LogMessage(MessageImportance.High, "MoCo: {0} stays as it is, because its symbol {1} really needs {2}.",
                    name, user, Version);
                return true;
            }
            library.MakeOptional(Version);
        }
        catch (Exception error) when (error is InvalidDataException || error is ArgumentException || error is IndexOutOfRangeException
            || error is KeyNotFoundException || error is InvalidOperationException)
        {
            Log.LogMessage(MessageImportance.High, "MoCo: {0} stays as it is, because its tables cannot be read: {1}",
                Library, error.Message);
            return true;
        }
        File.WriteAllBytes(Copy, file);
        Log.LogMessage(MessageImportance.High, "MoCo: the output's {0} takes {1} as optional{2}.", name, Version, reason);
        return true;
    }

    /// <summary>The libstdc++ that the loader would take, or null.</summary>
    private static string StandardLibrary()
    {
        const string Name = "libstdc++.so.6";
        var candidates = (Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") ?? "").Split(':').Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, Name)).ToList();
        if (File.Exists("/etc/ld.so.cache"))
        {
            string cache = Encoding.GetEncoding("iso-8859-1").GetString(File.ReadAllBytes("/etc/ld.so.cache"));
            candidates.AddRange(Regex.Matches(cache, "/[^\0]*/" + Regex.Escape(Name) + "(?=\0)").Cast<Match>()
                .Select(match => match.Value));
        }
        foreach (string folder in new[] { "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/usr/lib" })
            candidates.Add(Path.Combine(folder, Name));
        return candidates.FirstOrDefault(IsOf64Bits);
    }

    private static bool IsOf64Bits(string path)
    {
        if (!File.Exists(path)) return false;
        byte[] head = new byte[20];
        using (FileStream file = File.OpenRead(path))
            return file.Read(head, 0, head.Length) == head.Length && ElfFile.IsForX64(head);
    }

    private static bool Contains(byte[] file, string text) =>
        Encoding.GetEncoding("iso-8859-1").GetString(file).IndexOf("\0" + text + "\0", StringComparison.Ordinal) >= 0;

    /// <summary>The tables of versions and symbols in a 64-bit little-endian ELF file.</summary>
    private sealed class ElfFile
    {
        private const int Load = 1, Dynamic = 2, DynamicSymbols = 11;
        private const long StringTable = 5, SymbolTable = 6, SymbolVersions = 0x6ffffff0, Needed = 0x6ffffffe, NeededCount = 0x6fffffff;
        private const byte Weak = 2;

        private readonly byte[] file;

        public ElfFile(byte[] file) => this.file = file;

        public static bool IsForX64(byte[] head) =>
            head.Length >= 20 && head[0] == 0x7f && head[1] == 'E' && head[2] == 'L' && head[3] == 'F' && head[4] == 2
                && head[5] == 1 && head[18] == 62;

        public bool Needs(string version) => Entry(version) != null;

        /// <summary>The first symbol of a version that is not the marker, or null.</summary>
        public string OtherUser(string version, string marker)
        {
            Dictionary<long, long> entries = DynamicEntries();
            int number = UInt16(Entry(version).Value + 6);
            long strings = OffsetOf(entries[StringTable]);
            long symbols = OffsetOf(entries[SymbolTable]);
            long versions = OffsetOf(entries[SymbolVersions]);
            long count = SymbolCount();
            for (long i = 0; i < count; i++)
            {
                if ((UInt16(versions + (2 * i)) & 0x7fff) != number) continue;
                string name = Text(strings + UInt32(symbols + (24 * i)));
                if (name != marker) return name;
            }
            return null;
        }
        public void MakeOptional(string version) => file[Entry(version).Value + 4] |= Weak;

        /// <summary>Where the table of needed versions names this one, or null.</summary>
        private long? Entry(string version)
        {
            if (!IsForX64(file)) throw new InvalidDataException("it is no shared library for Linux on x86-64.");
            Dictionary<long, long> entries = DynamicEntries();
            if (!entries.ContainsKey(Needed)) return null;

            long strings = OffsetOf(entries[StringTable]);
            long library = OffsetOf(entries[Needed]);
            for (long i = 0; i < entries[NeededCount]; i++, library += UInt32(library + 12))
            {
                long entry = library + UInt32(library + 8);
                for (int j = 0; j < UInt16(library + 2); j++, entry += UInt32(entry + 12))
                {
                    if (Text(strings + UInt32(entry + 8)) == version) return entry;
                }
            }
            return null;
        }
        private long SymbolCount()
        {
            long table = UInt64(0x28);
            for (int i = 0; i < UInt16(0x3c); i++)
            {
                long section = table + (i * UInt16(0x3a));
                if (UInt32(section + 4) == DynamicSymbols) return UInt64(section + 32) / 24;
            }
            throw new InvalidDataException("it has no section of dynamic symbols.");
        }
        private Dictionary<long, long> DynamicEntries()
        {
            long start = Segments().First(segment => UInt32(segment) == Dynamic);
            Dictionary<long, long> entries = new();
            for (long at = UInt64(start + 8); UInt64(at) != 0; at += 16)
                entries[UInt64(at)] = UInt64(at + 8);
            return entries;
        }
        private long OffsetOf(long address)
        {
            foreach (long segment in Segments())
            {
                long start = UInt64(segment + 16);
                if (UInt32(segment) == Load && address >= start && address < start + UInt64(segment + 32))
                    return UInt64(segment + 8) + address - start;
            }
            throw new InvalidDataException("one of its addresses is in none of its segments.");
        }
        private IEnumerable<long> Segments() => Enumerable.Range(0, UInt16(0x38)).Select(i => UInt64(0x20) + (i * UInt16(0x36)));

        private string Text(long at)
        {
            long end = at;
            while (file[end] != 0)
                end++;
            return Encoding.ASCII.GetString(file, (int)at, (int)(end - at));
        }
        private int UInt16(long at) => BitConverter.ToUInt16(file, (int)at);

        private long UInt32(long at) => BitConverter.ToUInt32(file, (int)at);

        private long UInt64(long at) => BitConverter.ToInt64(file, (int)at);
    }
}
