#ifndef BATON_RECORD_H
#define BATON_RECORD_H
/* Marks the region of interest of a recording (baton record --region), for C and C++. A program that is linked
   without the recorder's runtime library ignores the marks. Regions of several threads may overlap: recording
   goes on until as many have ended as have begun. */

#ifdef __cplusplus
extern "C" {
#endif

__attribute__((weak)) void baton_record_region_begin(void);
__attribute__((weak)) void baton_record_region_end(void);

#ifdef __cplusplus
}
#endif

static inline void baton_region_begin(void) {
  if (baton_record_region_begin) baton_record_region_begin();
}
static inline void baton_region_end(void) {
  if (baton_record_region_end) baton_record_region_end();
}

#endif
