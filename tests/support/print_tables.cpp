// Writes PROTOCOLS_DIR/NAME/TABLE.md for every protocol. Run by `cmake --build build --target tables`.

#include <fstream>
#include <iostream>

#include "protocols/core/registry.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: baton_print_tables PROTOCOLS_DIR\n";
    return 2;
  }
  for (const auto* protocol : baton::all_protocols()) {
    const std::string path = std::string(argv[1]) + "/" + std::string(protocol->name()) + "/TABLE.md";
    std::ofstream file(path);
    file << baton::table_page(*protocol);
    if (!file.flush()) {
      std::cerr << path << ": cannot write\n";
      return 1;
    }
  }
}
