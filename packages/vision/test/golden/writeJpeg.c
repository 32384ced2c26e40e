/* Writes JPEG files of kinds that PIL does not write: width height space progressive restart factors... < pixels > file */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

int main(int count, char** words) {
  const int width = atoi(words[1]), height = atoi(words[2]), progressive = atoi(words[4]), restart = atoi(words[5]);
  const char* space = words[3];
  const int inks = !strcmp(space, "ycck") || !strcmp(space, "cmyk"), channels = inks ? 4 : 3;
  struct jpeg_compress_struct info;
  struct jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  jpeg_stdio_dest(&info, stdout);
  info.image_width = width;
  info.image_height = height;
  info.input_components = channels;
  info.in_color_space = inks ? JCS_CMYK : JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 85, TRUE);
  if (!strcmp(space, "rgb")) jpeg_set_colorspace(&info, JCS_RGB);
  if (!strcmp(space, "ycck")) jpeg_set_colorspace(&info, JCS_YCCK);
  if (!strcmp(space, "cmyk")) jpeg_set_colorspace(&info, JCS_CMYK);
  for (int i = 6; i < count; ++i) {
    info.comp_info[i - 6].h_samp_factor = words[i][0] - '0';
    info.comp_info[i - 6].v_samp_factor = words[i][1] - '0';
  }
  info.restart_interval = restart;
  if (progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  JSAMPROW row = malloc(width * channels);
  for (int y = 0; y < height; ++y) {
    if (fread(row, channels, width, stdin) != (size_t)width) return 1;
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  return 0;
}
