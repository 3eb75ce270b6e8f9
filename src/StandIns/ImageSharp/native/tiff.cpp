// TIFF over libtiff, from memory; the first page.
#include "codecs.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <tiffio.h>
#include <vector>

namespace {

struct Source {
    File file;
    size_t position;
};

tmsize_t read(thandle_t handle, void *to, tmsize_t count) {
    Source &source = *static_cast<Source *>(handle);
    size_t left = source.position < source.file.length ? source.file.length - source.position : 0;
    size_t taken = std::min(left, size_t(count));
    memcpy(to, source.file.data + source.position, taken);
    source.position += taken;
    return tmsize_t(taken);
}

toff_t seek(thandle_t handle, toff_t offset, int whence) {
    Source &source = *static_cast<Source *>(handle);
    size_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? source.position : source.file.length;
    source.position = base + size_t(offset);
    return source.position;
}

tmsize_t write(thandle_t, void *, tmsize_t) { return 0; }
int close(thandle_t) { return 0; }
toff_t size(thandle_t handle) { return static_cast<Source *>(handle)->file.length; }

int on_error(TIFF *, void *, const char *, const char *format, va_list arguments) {
    char message[200];
    vsnprintf(message, sizeof message, format, arguments);
    fail("%s", message);
    return 1;
}

int on_warning(TIFF *, void *, const char *, const char *, va_list) { return 1; }

struct Free {
    void operator()(TIFF *tiff) const { TIFFClose(tiff); }
};
using Tiff = std::unique_ptr<TIFF, Free>;

Tiff open(Source &source) {
    fail("damaged TIFF");
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, nullptr);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, nullptr);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, tmsize_t(1) << 30);
    // 'm': no memory map, of which there is nothing to gain.
    Tiff tiff(TIFFClientOpenExt("picture", "rm", &source, read, write, seek, close, size, nullptr, nullptr, options));
    TIFFOpenOptionsFree(options);
    return tiff;
}

bool has_size(TIFF *tiff, uint32_t *width, uint32_t *height) {
    return (TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, width) && TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, height) && *width < 1u << 30 && *height < 1u << 30)
        || fail("a TIFF without a size");
}

// libtiff multiplies colours by an alpha that it takes for separate from them; dropped alpha must leave them alone.
void keep_colors(TIFF *tiff) {
    uint16_t count = 0, *kinds = nullptr;
    if (!TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) || count == 0) return;
    std::vector<uint16_t> copy(kinds, kinds + count);
    if (copy[0] != EXTRASAMPLE_UNASSALPHA) return;
    copy[0] = EXTRASAMPLE_ASSOCALPHA;
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, count, copy.data());
}

}  // namespace

bool tiff_size(File file, int *width, int *height) {
    Source source{file, 0};
    Tiff tiff = open(source);
    uint32_t columns = 0, rows = 0;
    if (!tiff || !has_size(tiff.get(), &columns, &rows)) return false;
    *width = int(columns);
    *height = int(rows);
    return true;
}

bool tiff_decode(File file, int width, int height, uint8_t *rgb) {
    Source source{file, 0};
    Tiff tiff = open(source);
    uint32_t columns = 0, rows = 0;
    if (!tiff || !has_size(tiff.get(), &columns, &rows)) return false;
    if (int(columns) != width || int(rows) != height) return fail("the size changed between two readings");
    keep_colors(tiff.get());

    char message[1024] = "";
    TIFFRGBAImage image;
    if (!TIFFRGBAImageOK(tiff.get(), message) || !TIFFRGBAImageBegin(&image, tiff.get(), 1, message)) return fail("%.200s", message);
    // Orientation is a matter of the managed side.
    image.orientation = image.req_orientation = ORIENTATION_TOPLEFT;
    std::vector<uint32_t> pixels(size_t(width) * height);
    bool done = TIFFRGBAImageGet(&image, pixels.data(), columns, rows) != 0;
    TIFFRGBAImageEnd(&image);
    if (!done) return false;
    for (uint32_t pixel : pixels) {
        *rgb++ = uint8_t(TIFFGetR(pixel));
        *rgb++ = uint8_t(TIFFGetG(pixel));
        *rgb++ = uint8_t(TIFFGetB(pixel));
    }
    return true;
}
