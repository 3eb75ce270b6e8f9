// The first frame of a GIF over giflib; what the frame leaves out or has transparent is black, as in the real package.
#include "codecs.h"

#include <algorithm>
#include <cstring>
#include <gif_lib.h>
#include <memory>
#include <vector>

namespace {

struct Free {
    void operator()(GifFileType *gif) const { DGifCloseFile(gif, nullptr); }
};
using Gif = std::unique_ptr<GifFileType, Free>;

int read(GifFileType *gif, GifByteType *to, int count) {
    File &rest = *static_cast<File *>(gif->UserData);
    size_t taken = std::min(rest.length, size_t(count));
    memcpy(to, rest.data, taken);
    rest.data += taken;
    rest.length -= taken;
    return int(taken);
}

const char *text(int code) {
    const char *known = GifErrorString(code);
    return known ? known : "unknown GIF error";
}

Gif open(File &rest) {
    int error = 0;
    Gif gif(DGifOpen(&rest, read, &error));
    if (!gif) fail("%s", text(error));
    return gif;
}

bool broken(const Gif &gif) { return fail("%s", text(gif->Error)); }

// Goes to the first picture; remembers which colour is transparent.
bool find_picture(const Gif &gif, int *transparent) {
    GifRecordType record;
    *transparent = NO_TRANSPARENT_COLOR;
    for (;;) {
        if (DGifGetRecordType(gif.get(), &record) != GIF_OK) return broken(gif);
        if (record == TERMINATE_RECORD_TYPE) return fail("the GIF has no picture");
        if (record == IMAGE_DESC_RECORD_TYPE) return DGifGetImageDesc(gif.get()) == GIF_OK || broken(gif);
        if (record != EXTENSION_RECORD_TYPE) continue;
        int code;
        GifByteType *block;
        if (DGifGetExtension(gif.get(), &code, &block) != GIF_OK) return broken(gif);
        GraphicsControlBlock control;
        if (code == GRAPHICS_EXT_FUNC_CODE && block && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) *transparent = control.TransparentColor;
        while (block)
            if (DGifGetExtensionNext(gif.get(), &block) != GIF_OK) return broken(gif);
    }
}

}  // namespace

bool gif_size(File file, int *width, int *height) {
    Gif gif = open(file);
    if (!gif) return false;
    *width = gif->SWidth;
    *height = gif->SHeight;
    return true;
}

bool gif_decode(File file, int width, int height, uint8_t *rgb) {
    Gif gif = open(file);
    int transparent;
    if (!gif || !find_picture(gif, &transparent)) return false;
    if (gif->SWidth != width || gif->SHeight != height) return fail("the size changed between two readings");
    const GifImageDesc &frame = gif->Image;
    const ColorMapObject *colors = frame.ColorMap ? frame.ColorMap : gif->SColorMap;
    if (!colors) return fail("the GIF has no colours");
    if (frame.Width < 1 || frame.Height < 1) return fail("an empty GIF frame");

    memset(rgb, 0, size_t(width) * height * 3);
    std::vector<GifPixelType> line(frame.Width);
    static const int first[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
    for (int pass = 0, passes = frame.Interlace ? 4 : 1; pass < passes; pass++) {
        for (int y = frame.Interlace ? first[pass] : 0; y < frame.Height; y += frame.Interlace ? step[pass] : 1) {
            if (DGifGetLine(gif.get(), line.data(), frame.Width) != GIF_OK) return broken(gif);
            if (frame.Top + y >= height) continue;
            uint8_t *row = rgb + size_t(frame.Top + y) * width * 3;
            for (int x = 0; x < frame.Width && frame.Left + x < width; x++) {
                if (line[x] == transparent || line[x] >= colors->ColorCount) continue;
                const GifColorType &color = colors->Colors[line[x]];
                uint8_t *pixel = row + size_t(frame.Left + x) * 3;
                pixel[0] = color.Red, pixel[1] = color.Green, pixel[2] = color.Blue;
            }
        }
    }
    return true;
}
