// The test runner, compiled once: it is the slow part of Catch2.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

int main(int argc, char** argv) {
  return Catch::Session().run(argc, argv);
}

// SystemC's library wants the symbol; tests elaborate through baton::sim::simulate instead.
extern "C" int sc_main(int, char**) {
  return 0;
}
