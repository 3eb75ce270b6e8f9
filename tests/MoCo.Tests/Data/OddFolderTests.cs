using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Data;

/// <summary>Odd folders of a seeded generator, held against what Python's os finds there by the documented rules.</summary>
public sealed class OddFolderTests : IDisposable
{
    private const int Folders = 40;

    // Makes the folders, then says of each its classes and images with label and whether they can be read.
    private const string Script = """
        import heapq, os, random, sys
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
        IMAGES = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp", ".gif")
        SCRIPTS = ["a", "b", "猫", "été", "ж", "😀", "Ａ", "a b", "-x", "%20", "n'\"", "x" * 200, "кот", "עברית", "ไทย", "a\tb"]
        def make(root, seed):
            r = random.Random(seed)
            os.makedirs(root)
            folders = [root]
            for _ in range(r.randint(1, 6)):
                name = r.choice(SCRIPTS + ["__MACOSX", ".cache", "empty", "x.jpg"]).encode()
                if r.random() < 0.1: name += b"\xff"
                path = os.path.join(r.choice(folders), name)
                try: os.mkdir(path)
                except OSError: continue
                folders.append(path)
            files = []
            for _ in range(r.randint(0, 25)):
                name = r.choice(SCRIPTS).encode() + r.choice([b".jpg", b".JPG", b".png", b".txt", b"", b".webp", b".jpg.bak"])
                if r.random() < 0.1: name = b"._" + name
                if r.random() < 0.05: name = b"\xfe" + name
                path = os.path.join(r.choice(folders), name)
                kind = r.randrange(12)
                try:
                    if kind == 0: os.symlink(r.choice(files or [b"nowhere"]), path)
                    elif kind == 1: os.symlink(r.choice(folders), path)
                    elif kind == 2: os.link(r.choice(files), path)
                    elif kind == 3: os.mkfifo(path)
                    elif kind == 4: os.symlink(b"loop", path)
                    elif kind == 5: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), r.choice([0, 1 << 16]))
                    else:
                        with open(path, "xb") as f: f.write(b"x" * r.randint(0, 50))
                        files.append(path)
                except (OSError, IndexError): pass
        def text(name):
            try: name.decode(); return True
            except UnicodeDecodeError: return False
        def look(path):
            images, real, links = [], [], []
            for entry in os.scandir(path):
                if entry.name.startswith(b".") or not text(entry.name): continue
                if entry.is_dir(): (links if entry.is_symlink() else real).append(entry.name)
                elif entry.name.lower().endswith(tuple(e.encode() for e in IMAGES)): images.append(entry.name)
            return sorted(images), real, links
        def walk(root, top, met):
            found, stack, heap = [], [top], []
            while stack or heap:
                here = stack.pop() if stack else heapq.heappop(heap)[1]
                path = os.path.join(root, here)
                real = os.path.realpath(path)
                if real in met: continue
                met.add(real)
                images, folders, links = look(path)
                for name in folders: stack.append(os.path.join(here, name))
                for name in links:
                    link = os.path.join(here, name)
                    heapq.heappush(heap, (link.decode().encode("utf-16-be"), link))
                if images: found.append((here, images))
            return sorted(found)
        for number in range(int(sys.argv[2])):
            root = os.path.join(sys.argv[1].encode(), b"%03d" % number)
            make(root, number)
            print("folder")
            images, real, links = look(root)
            parts = [(c, walk(root, c, {os.path.realpath(root)})) for c in sorted(real + links)]
            parts = [(c, found) for c, found in parts if found]
            if not parts: parts = [(b"", [(b"", images)])] if images else []
            for label, (name, found) in enumerate(parts):
                for here, images in found:
                    for image in images:
                        path = os.path.join(root, here, image)
                        readable = os.path.isfile(path) and os.path.getsize(path) > 0
                        print(name.decode(), os.path.relpath(path, root).decode(), os.path.getsize(path) if readable else "-", sep="|")
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        // .NET could not delete names that are no text.
        if (!OperatingSystem.IsWindows()) ShellScript.Run("rm -rf \"$0\"/*", folder.Path);
        folder.Dispose();
    }

    [Fact]
    public void Classes_images_and_their_order_are_those_that_Python_finds()
    {
        string? python = Python.Find("import os");
        Assert.SkipWhen(python is null || !OperatingSystem.IsLinux(), "no python3 here, or no Linux with its names");
        (int code, string output) = Python.Start(python, Script, [folder.Path, $"{Folders}"])!.Value;
        Assert.True(code == 0, output);
        string[] expected = output.Split("folder\n")[1..];

        Assert.Equal(Folders, expected.Length);
        for (int i = 0; i < Folders; i++)
        {
            string found = Found(folder.File($"{i:D3}"));
            Assert.True(expected[i] == found, $"number {i}: {expected[i]}\nfound\n{found}");
        }
        Assert.InRange(expected.Count(text => text.Length > 0), Folders / 2, Folders);
    }

    private static string Found(string root)
    {
        ImageFolder source;
        try
        {
            source = new ImageFolder(root, ByteDecoder.Options);
        }
        catch (FileNotFoundException)
        {
            return "";
        }
        ImageBuffer buffer = new();
        string found = "";
        for (int index = 0; index < source.Count; index++)
        {
            string name = source.Label(index) is int label ? source.Classes[label] : "", size = "-";
            try
            {
                source.Read(index, buffer);
                size = $"{buffer.Width}";
            }
            catch (Exception error) when (error is InvalidDataException or IOException)
            {
                Assert.NotEmpty(error.Message);
            }
            found += $"{name}|{Path.GetRelativePath(root, source.Locate(index))}|{size}\n";
        }
        return found;
    }
}
