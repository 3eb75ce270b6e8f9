namespace MoCo.Imaging.Tiff;

/// <summary>The first page of a TIFF: what is checked before ImageSharp gets it.</summary>
/// <remarks>What ImageSharp 2.1 decodes to other pixels than PIL, or without a bound on memory and time, is refused by name: only what the
/// tests hold against PIL passes.</remarks>
internal readonly ref struct TiffPage
{
    private const int WidthTag = 256;
    private const int HeightTag = 257;
    private const int BitsTag = 258;
    private const int CompressionTag = 259;
    private const int PhotometricTag = 262;
    private const int FillOrderTag = 266;
    private const int OffsetsTag = 273;
    private const int SamplesTag = 277;
    private const int RowsTag = 278;
    private const int ByteCountsTag = 279;
    private const int PlanarTag = 284;
    private const int PredictorTag = 317;
    private const int ColorMapTag = 320;
    private const int TileWidthTag = 322;
    private const int SampleFormatTag = 339;

    // Of which ImageSharp decodes narrow images to other pixels.
    private const int FaxRunLengths = 2;
    private const int FaxGroup3 = 3;
    private const int OldJpeg = 6;
    private const int Jpeg = 7;
    private const int WhiteIsZero = 0;
    private const int BlackIsZero = 1;
    private const int Rgb = 2;
    private const int Palette = 3;
    private const int Separate = 2;
    private const int UnsignedSamples = 1;

    // Each is unpacked by itself, which takes its time however short it is.
    private const int MostStrips = 65536;

    private readonly ReadOnlySpan<byte> file;
    private readonly TiffDirectory directory;
    private readonly int photometric;
    private readonly int bits;
    private readonly int samples;
    private readonly TiffCompression compression;

    private TiffPage(ReadOnlySpan<byte> file, TiffDirectory directory)
    {
        this.file = file;
        this.directory = directory;
        photometric = (int)Single(PhotometricTag);
        samples = (int)Single(SamplesTag, 1);
        compression = (TiffCompression)Single(CompressionTag, (ulong)TiffCompression.None);
        bits = 1;
        if (!Find(BitsTag, out TiffNumbers depths)) return;
        if (depths.Count != samples) throw new InvalidDataException("The TIFF is damaged: its samples have no depth.");
        bits = (int)depths[0];
        for (int i = 1; i < depths.Count; i++) bits = (int)depths[i] == bits ? bits : -1;
    }

    /// <summary>Whether ImageSharp shows the page's white as black and the other way round.</summary>
    internal bool IsInverted => IsFax && photometric == BlackIsZero;

    private string ColorName => photometric switch
    {
        WhiteIsZero or BlackIsZero => samples == 2 ? " (grey with alpha)" : " (grey)",
        Rgb => " (RGB)",
        Palette => " (palette)",
        5 => " (CMYK)",
        6 => " (YCbCr)",
        8 or 9 or 10 => " (CIELab)",
        32803 or 34892 => " (raw of a camera)",
        _ => "",
    };

    private bool IsFax => compression == TiffCompression.FaxGroup4;

    /// <summary>Reads and checks the page.</summary>
    /// <exception cref="InvalidDataException">Truncated, damaged, too large, or of a kind that is not supported.</exception>
    internal static TiffPage Open(ReadOnlySpan<byte> file, PixelLimit limit)
    {
        if (!TiffDirectory.TryOpen(file, out TiffDirectory directory) || !directory.IsComplete)
            throw new InvalidDataException("The TIFF is truncated: it lacks a part of its directory.");
        if (directory.CountOf(TileWidthTag) > 0) throw new InvalidDataException("TIFFs in tiles are not supported.");
        TiffPage page = new(file, directory);
        page.CheckKind();
        page.CheckStrips(limit);
        return page;
    }

    private void CheckKind()
    {
        if ((int)compression is OldJpeg or Jpeg) throw new InvalidDataException("TIFFs with JPEG inside are not supported.");
        if ((int)compression is FaxRunLengths or FaxGroup3)
            throw new InvalidDataException("TIFFs of fax run lengths or group 3 are not supported; those of group 4 are.");
        if (!Enum.IsDefined(compression)) throw new InvalidDataException($"TIFFs of compression {(int)compression} are not supported.");
        if (Find(SampleFormatTag, out TiffNumbers formats))
        {
            for (int i = 0; i < formats.Count; i++)
            {
                if (formats[i] != UnsignedSamples)
                    throw new InvalidDataException("TIFFs with signed or floating-point samples are not supported.");
            }
        }
        bool isKnown = photometric switch
        {
            WhiteIsZero or BlackIsZero => samples == 1 && bits is 1 or 4 or 8 or 16,
            Rgb => (samples == 3 && bits is 8 or 16) || (samples == 4 && bits == 8),
            Palette => samples == 1 && bits == 8,
            _ => false,
        };
        if (!isKnown || (IsFax && bits != 1) || (!IsFax && Single(FillOrderTag, 1) != 1))
        {
            throw new InvalidDataException(
                $"TIFFs of {samples} samples of {bits} bits with photometric interpretation {photometric}{ColorName} in this form are not "
                + "supported.");
        }
        if (photometric == Palette && (!Find(ColorMapTag, out TiffNumbers colors) || colors.Count != 3 << bits))
            throw new InvalidDataException("The TIFF is truncated or damaged: it lacks a part of its palette.");
    }

    private void CheckStrips(PixelLimit limit)
    {
        (int width, int height) = (Dimension(WidthTag), Dimension(HeightTag));
        limit.Check(width, height);
        int rows = (int)Math.Min((ulong)height, Single(RowsTag, uint.MaxValue));
        bool isSeparate = samples > 1 && Single(PlanarTag, 1) == Separate;
        if (isSeparate && Single(PredictorTag, 1) != 1)
            throw new InvalidDataException("TIFFs with a predictor over separate planes are not supported.");
        if (rows < 1 || !Find(OffsetsTag, out TiffNumbers offsets) || !Find(ByteCountsTag, out TiffNumbers counts))
            throw new InvalidDataException("The TIFF is damaged: it has no strips.");
        if (offsets.Count > MostStrips) throw new InvalidDataException($"TIFFs of more than {MostStrips} strips are not supported.");
        int stripsOfPlane = ((height - 1) / rows) + 1;
        if (offsets.Count != counts.Count || offsets.Count != (long)stripsOfPlane * (isSeparate ? samples : 1))
            throw new InvalidDataException("The TIFF is truncated or damaged: it lacks strips of its first page.");
        long rowBytes = (((long)width * bits * (isSeparate ? 1 : samples)) + 7) / 8;
        ulong packed = 0;
        for (int i = 0; i < offsets.Count; i++)
        {
            if (offsets[i] > (ulong)file.Length || counts[i] > (ulong)file.Length - offsets[i])
                throw new InvalidDataException("The TIFF is truncated: it lacks a part of its first page.");
            // Many strips in the same bytes would cost time that the file's length does not bound.
            packed += counts[i];
            if (packed > (ulong)file.Length) throw new InvalidDataException("The TIFF is damaged: its strips overlap.");
            ReadOnlySpan<byte> strip = file.Slice((int)offsets[i], (int)counts[i]);
            long expected = rowBytes * Math.Min(rows, height - (i % stripsOfPlane * (long)rows));
            if (!IsFax && !TiffStrip.Holds(strip, compression, expected))
            {
                throw new InvalidDataException(
                    "The TIFF is damaged: a strip of its first page does not unpack to as many bytes as it should.");
            }
        }
    }

    private int Dimension(int tag) => Single(tag) is >= 1 and <= int.MaxValue and ulong number ? (int)number
        : throw new InvalidDataException("The TIFF is damaged: it has no size.");

    private ulong Single(int tag, ulong? absent = null) => Find(tag, out TiffNumbers numbers) ? numbers.Count == 1 ? numbers[0]
        : throw new InvalidDataException($"The TIFF is damaged: tag {tag} has {numbers.Count} values.")
        : absent ?? throw new InvalidDataException($"The TIFF is damaged: it has no tag {tag}.");

    /// <summary>Finds the numbers of a tag; false where it is absent.</summary>
    private bool Find(int tag, out TiffNumbers numbers)
    {
        numbers = default;
        int count = directory.CountOf(tag);
        if (count == 0) return false;
        if (count > 1 || !directory.TryFind(tag, out numbers))
            throw new InvalidDataException($"The TIFF is damaged: tag {tag} stands there more than once, or is of an unexpected type.");
        return numbers.IsComplete ? true : throw new InvalidDataException($"The TIFF is truncated: it lacks values of tag {tag}.");
    }
}
