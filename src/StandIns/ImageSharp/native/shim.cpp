// The entry points that the stand-in calls: 0 is success; otherwise moco_image_error() says why.
#include "codecs.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <exception>

static thread_local char reason[256];

bool fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return false;
}

namespace {

struct Codec {
    bool (*size)(File, int *, int *);
    bool (*decode)(File, int, int, uint8_t *);
};

// In the order of the managed side's enum.
const Codec codecs[] = {
    {jpeg_size, jpeg_decode}, {png_size, png_decode}, {webp_size, webp_decode}, {gif_size, gif_decode}, {tiff_size, tiff_decode},
};

const Codec *find(int format) {
    return format >= 0 && format < int(sizeof codecs / sizeof *codecs) ? &codecs[format] : nullptr;
}

template <class Work> int guarded(Work work) {
    try {
        return work() ? 0 : 1;
    } catch (const std::exception &error) {
        fail("%s", error.what());
    } catch (...) {
        fail("unknown failure");
    }
    return 1;
}

}  // namespace

#define ENTRY extern "C" __attribute__((visibility("default")))

ENTRY const char *moco_image_error() { return reason; }

ENTRY int moco_image_size(int format, const uint8_t *data, int64_t length, int *width, int *height) {
    return guarded([=] {
        const Codec *codec = find(format);
        if (!codec) return fail("format %d is unknown", format);
        if (!codec->size({data, size_t(length)}, width, height)) return false;
        return *width > 0 && *height > 0 ? true : fail("a size of %d×%d", *width, *height);
    });
}

ENTRY int moco_image_decode(int format, const uint8_t *data, int64_t length, int width, int height, uint8_t *rgb) {
    return guarded([=] {
        const Codec *codec = find(format);
        return codec ? codec->decode({data, size_t(length)}, width, height, rgb) : fail("format %d is unknown", format);
    });
}

ENTRY int moco_image_encode_png(const uint8_t *rgb, int width, int height, uint8_t **out, int64_t *length) {
    return guarded([=] {
        size_t bytes = 0;
        bool done = png_encode(rgb, width, height, out, &bytes);
        *length = int64_t(bytes);
        return done;
    });
}

ENTRY int moco_image_encode_jpeg(const uint8_t *rgb, int width, int height, int quality, uint8_t **out, int64_t *length) {
    return guarded([=] {
        size_t bytes = 0;
        bool done = jpeg_encode(rgb, width, height, quality, out, &bytes);
        *length = int64_t(bytes);
        return done;
    });
}

ENTRY void moco_image_free(uint8_t *memory) { free(memory); }
