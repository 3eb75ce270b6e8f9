namespace MoCo.Imaging.Tiff;

/// <summary>The compressions of a TIFF that are read.</summary>
internal enum TiffCompression
{
    None = 1,
    FaxRunLengths = 2,
    FaxGroup3 = 3,
    FaxGroup4 = 4,
    Lzw = 5,
    Deflate = 8,
    PackBits = 32773,
    OldDeflate = 32946,
}
