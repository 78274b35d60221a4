# Everything comes from Debian packages (see ./run for their names).
find_package(Threads REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS program_options)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(libdw REQUIRED IMPORTED_TARGET libdw)
pkg_check_modules(systemc REQUIRED IMPORTED_TARGET systemc)

# Debian built SystemC 2.3.4 as C++17 and checks the number at link time.
add_library(baton_systemc INTERFACE)
target_link_libraries(baton_systemc INTERFACE PkgConfig::systemc)
target_compile_definitions(baton_systemc INTERFACE SC_CPLUSPLUS=201703L)
