// What the codecs of the ImageSharp stand-in share. Each reads a whole file from memory and writes 8-bit RGB rows
// without padding. A codec returns false after fail(), and never writes outside width × height × 3 bytes, whatever the
// file says the second time it is read.
#pragma once
#include <cstddef>
#include <cstdint>

struct File {
    const uint8_t *data;
    size_t length;
};

// Keeps the reason for the managed side; returns false, so that a codec can say `return fail("…")`.
bool fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

bool jpeg_size(File file, int *width, int *height);
bool jpeg_decode(File file, int width, int height, uint8_t *rgb);
bool jpeg_encode(const uint8_t *rgb, int width, int height, int quality, uint8_t **out, size_t *length);

bool png_size(File file, int *width, int *height);
bool png_decode(File file, int width, int height, uint8_t *rgb);
bool png_encode(const uint8_t *rgb, int width, int height, uint8_t **out, size_t *length);

bool webp_size(File file, int *width, int *height);
bool webp_decode(File file, int width, int height, uint8_t *rgb);

bool gif_size(File file, int *width, int *height);
bool gif_decode(File file, int width, int height, uint8_t *rgb);

bool tiff_size(File file, int *width, int *height);
bool tiff_decode(File file, int width, int height, uint8_t *rgb);
