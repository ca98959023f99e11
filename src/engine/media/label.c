#include "engine/media/label.h"

enum {
    ROWS = 7,
    COLUMNS = 6, /* five of dots and a gap */
    LETTERS = 12,
    MARGIN = 2,    /* dots of the band around the words */
    HIGH = 216,    /* a dot is a pixel of a frame of this shorter side, two of twice that */
    LIGHT = 220,   /* of the letters; 235 is white */
    DARK_MUL = 3,  /* the band keeps 3/8 of its light ... */
    COLOUR_MUL = 4 /* ... and 4/8 of its colour */
};

/* "AI generated", a row of dots a number, the leftmost dot the 16. */
static const uint8_t glyphs[LETTERS][ROWS] = {
    {0x0E, 0x11, 0x11, 0x1F, 0x11, 0x11, 0x11}, /* A */
    {0x0E, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0E}, /* I */
    {0},
    {0x00, 0x00, 0x0F, 0x11, 0x0F, 0x01, 0x0E}, /* g */
    {0x00, 0x00, 0x0E, 0x11, 0x1F, 0x10, 0x0E}, /* e */
    {0x00, 0x00, 0x16, 0x19, 0x11, 0x11, 0x11}, /* n */
    {0x00, 0x00, 0x0E, 0x11, 0x1F, 0x10, 0x0E}, /* e */
    {0x00, 0x00, 0x16, 0x19, 0x10, 0x10, 0x10}, /* r */
    {0x00, 0x00, 0x0E, 0x01, 0x0F, 0x11, 0x0F}, /* a */
    {0x08, 0x08, 0x1C, 0x08, 0x08, 0x09, 0x06}, /* t */
    {0x00, 0x00, 0x0E, 0x11, 0x1F, 0x10, 0x0E}, /* e */
    {0x01, 0x01, 0x0D, 0x13, 0x11, 0x13, 0x0D}, /* d */
};

static int lit(int column, int row)
{
    if (column < 0 || row < 0 || column >= LETTERS * COLUMNS || row >= ROWS)
        return 0;
    int dot = column % COLUMNS;
    return dot < 5 && (glyphs[column / COLUMNS][row] >> (4 - dot) & 1);
}

void label_draw(uint8_t *const plane[3], const ptrdiff_t stride[3], int width_px, int height_px)
{
    int shorter = width_px < height_px ? width_px : height_px;
    int dot = shorter / HIGH > 1 ? shorter / HIGH : 1;
    int wide = dot * (LETTERS * COLUMNS - 1 + 2 * MARGIN), high = dot * (ROWS + 2 * MARGIN);
    int left = (width_px - wide - 2 * dot) & ~1, top = (height_px - high - 2 * dot) & ~1;
    if (left < 0 || top < 0)
        return;
    for (int y = 0; y < high; y++) {
        uint8_t *row = plane[0] + (top + y) * stride[0] + left;
        for (int x = 0; x < wide; x++)
            row[x] = lit(x / dot - MARGIN, y / dot - MARGIN)
                         ? LIGHT
                         : (uint8_t)(16 + (row[x] - 16) * DARK_MUL / 8);
    }
    for (int p = 1; p < 3; p++)
        for (int y = 0; y < high / 2; y++) {
            uint8_t *row = plane[p] + (top / 2 + y) * stride[p] + left / 2;
            for (int x = 0; x < wide / 2; x++)
                row[x] = (uint8_t)(128 + (row[x] - 128) * COLOUR_MUL / 8);
        }
}
