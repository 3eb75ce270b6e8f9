// PNG over libspng.
#include "codecs.h"

#include <cstdlib>
#include <memory>
#include <spng.h>

namespace {

struct Free {
    void operator()(spng_ctx *context) const { spng_ctx_free(context); }
};
using Context = std::unique_ptr<spng_ctx, Free>;

// A picture's ancillary chunks (profiles, texts) need not be large; nor may they take memory without end.
const size_t largest_chunk = 64u << 20, all_chunks = 128u << 20;

bool check(int status) { return status == SPNG_OK || fail("%s", spng_strerror(status)); }

Context open(File file) {
    Context context(spng_ctx_new(SPNG_CTX_IGNORE_ADLER32));
    if (!context) {
        fail("out of memory");
        return context;
    }
    bool ready = check(spng_set_crc_action(context.get(), SPNG_CRC_ERROR, SPNG_CRC_DISCARD))
        && check(spng_set_chunk_limits(context.get(), largest_chunk, all_chunks))
        && check(spng_set_png_buffer(context.get(), file.data, file.length));
    if (!ready) context.reset();
    return context;
}

}  // namespace

bool png_size(File file, int *width, int *height) {
    Context context = open(file);
    spng_ihdr header;
    if (!context || !check(spng_get_ihdr(context.get(), &header))) return false;
    *width = int(header.width);
    *height = int(header.height);
    return true;
}

bool png_decode(File file, int width, int height, uint8_t *rgb) {
    Context context = open(file);
    size_t bytes = 0;
    if (!context || !check(spng_decoded_image_size(context.get(), SPNG_FMT_RGB8, &bytes))) return false;
    if (bytes != size_t(width) * height * 3) return fail("the size changed between two readings");
    return check(spng_decode_image(context.get(), rgb, bytes, SPNG_FMT_RGB8, 0));
}

bool png_encode(const uint8_t *rgb, int width, int height, uint8_t **out, size_t *length) {
    Context context(spng_ctx_new(SPNG_CTX_ENCODER));
    if (!context) return fail("out of memory");
    spng_ihdr header{};
    header.width = uint32_t(width);
    header.height = uint32_t(height);
    header.bit_depth = 8;
    header.color_type = SPNG_COLOR_TYPE_TRUECOLOR;
    int status = SPNG_OK;
    if (!check(spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1)) || !check(spng_set_ihdr(context.get(), &header))
        || !check(spng_encode_image(context.get(), rgb, size_t(width) * height * 3, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE)))
        return false;
    *out = static_cast<uint8_t *>(spng_get_png_buffer(context.get(), length, &status));
    return *out || check(status);
}
