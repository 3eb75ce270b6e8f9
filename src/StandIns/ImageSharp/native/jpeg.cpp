// JPEG over libjpeg. Its errors leave by longjmp: between setjmp and the end of a function only plain variables live.
#include "codecs.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <jpeglib.h>

namespace {

struct Errors {
    jpeg_error_mgr base;
    jmp_buf leave;
};

[[noreturn]] void on_error(j_common_ptr info) {
    char message[JMSG_LENGTH_MAX];
    info->err->format_message(info, message);
    fail("%s", message);
    longjmp(reinterpret_cast<Errors *>(info->err)->leave, 1);
}

// Warnings are not told: the real package decodes damaged data as far as it goes.
void on_message(j_common_ptr, int) {}

jpeg_error_mgr *use(Errors &errors) {
    jpeg_std_error(&errors.base);
    errors.base.error_exit = on_error;
    errors.base.emit_message = on_message;
    return &errors.base;
}

// 255 is no ink, as Adobe's programs write it.
void inks_to_rgb(const uint8_t *inks, int width, uint8_t *rgb) {
    for (int x = 0; x < width; x++, inks += 4, rgb += 3)
        for (int c = 0; c < 3; c++) rgb[c] = uint8_t((inks[c] * inks[3] + 127) / 255);
}

}  // namespace

bool jpeg_size(File file, int *width, int *height) {
    jpeg_decompress_struct info;
    Errors errors;
    info.err = use(errors);
    if (setjmp(errors.leave)) {
        jpeg_destroy_decompress(&info);
        return false;
    }
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, file.data, file.length);
    jpeg_read_header(&info, TRUE);
    *width = int(info.image_width);
    *height = int(info.image_height);
    jpeg_destroy_decompress(&info);
    return true;
}

bool jpeg_decode(File file, int width, int height, uint8_t *rgb) {
    jpeg_decompress_struct info;
    Errors errors;
    uint8_t *volatile inks = nullptr;
    info.err = use(errors);
    if (setjmp(errors.leave)) {
        jpeg_destroy_decompress(&info);
        free(inks);
        return false;
    }
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, file.data, file.length);
    jpeg_read_header(&info, TRUE);
    bool four = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
    info.out_color_space = four ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(&info);
    bool same = int(info.output_width) == width && int(info.output_height) == height;
    if (four) inks = static_cast<uint8_t *>(malloc(size_t(width) * 4));
    if (!same || (four && !inks)) {
        fail(same ? "out of memory" : "the size changed between two readings");
        jpeg_destroy_decompress(&info);
        free(inks);
        return false;
    }
    while (info.output_scanline < info.output_height) {
        uint8_t *row = rgb + size_t(info.output_scanline) * width * 3;
        JSAMPROW target = four ? inks : row;
        jpeg_read_scanlines(&info, &target, 1);
        if (four) inks_to_rgb(inks, width, row);
    }
    jpeg_destroy_decompress(&info);
    free(inks);
    return true;
}

bool jpeg_encode(const uint8_t *rgb, int width, int height, int quality, uint8_t **out, size_t *length) {
    jpeg_compress_struct info;
    Errors errors;
    unsigned long bytes = 0;
    *out = nullptr;
    info.err = use(errors);
    if (setjmp(errors.leave)) {
        jpeg_destroy_compress(&info);
        // Not freed: libjpeg tells the address again only when it ends well, and may have moved the memory since.
        *out = nullptr;
        return false;
    }
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, out, &bytes);
    info.image_width = JDIMENSION(width);
    info.image_height = JDIMENSION(height);
    info.input_components = 3;
    info.in_color_space = JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, quality, TRUE);
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < info.image_height) {
        JSAMPROW row = const_cast<uint8_t *>(rgb) + size_t(info.next_scanline) * width * 3;
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    *length = bytes;
    return true;
}
