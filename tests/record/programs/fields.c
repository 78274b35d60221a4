/* As fields.cpp, in C. */
#include <pthread.h>
#include <stdatomic.h>

struct slot {
  int key;
  _Atomic int count;
  unsigned ready : 3, dirty : 5, age : 12;
};
static struct slot slots[3];
union word {
  long all;
  char bytes[8];
} word;
struct {
  struct slot* first;
  pthread_mutex_t mutex;
  struct slot inside[2][2];
} table;

int main(void) {
  static volatile struct slot own[2];
  slots[2].key = 1;                  // slots[2].key
  atomic_store(&slots[1].count, 1);  // slots[1].count
  word.all = 1;                      // word.(all|bytes)
  table.first = slots;               // table.first
  pthread_mutex_lock(&table.mutex);  // table.mutex
  table.inside[1][0].key = 1;        // table.inside[1][0].key
  own[1].key = 2;                    // own[1].key
  return own[1].key - 2;
}
