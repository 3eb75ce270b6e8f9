// WebP over libwebp; of an animation the first frame, on its canvas.
#include "codecs.h"

#include <memory>
#include <webp/decode.h>
#include <webp/demux.h>

namespace {

struct Free {
    void operator()(WebPAnimDecoder *decoder) const { WebPAnimDecoderDelete(decoder); }
};

bool features(File file, WebPBitstreamFeatures *found) {
    switch (WebPGetFeatures(file.data, file.length, found)) {
    case VP8_STATUS_OK: return true;
    case VP8_STATUS_NOT_ENOUGH_DATA: return fail("truncated WebP");
    case VP8_STATUS_OUT_OF_MEMORY: return fail("out of memory");
    default: return fail("damaged WebP");
    }
}

bool decode_first_frame(File file, int width, int height, uint8_t *rgb) {
    WebPAnimDecoderOptions options;
    if (!WebPAnimDecoderOptionsInit(&options)) return fail("another version of libwebp than at build time");
    options.color_mode = MODE_RGBA;
    WebPData data{file.data, file.length};
    std::unique_ptr<WebPAnimDecoder, Free> decoder(WebPAnimDecoderNew(&data, &options));
    WebPAnimInfo info;
    if (!decoder || !WebPAnimDecoderGetInfo(decoder.get(), &info)) return fail("damaged WebP animation");
    if (int(info.canvas_width) != width || int(info.canvas_height) != height) return fail("the size changed between two readings");
    uint8_t *frame;
    int time;
    if (!WebPAnimDecoderGetNext(decoder.get(), &frame, &time)) return fail("damaged WebP animation");
    for (size_t i = 0, pixels = size_t(width) * height; i < pixels; i++, frame += 4, rgb += 3)
        for (int c = 0; c < 3; c++) rgb[c] = frame[c];
    return true;
}

}  // namespace

bool webp_size(File file, int *width, int *height) {
    WebPBitstreamFeatures found;
    if (!features(file, &found)) return false;
    *width = found.width;
    *height = found.height;
    return true;
}

bool webp_decode(File file, int width, int height, uint8_t *rgb) {
    WebPBitstreamFeatures found;
    if (!features(file, &found)) return false;
    if (found.has_animation) return decode_first_frame(file, width, height, rgb);
    if (found.width != width || found.height != height) return fail("the size changed between two readings");
    return WebPDecodeRGBInto(file.data, file.length, rgb, size_t(width) * height * 3, width * 3) || fail("damaged or truncated WebP");
}
