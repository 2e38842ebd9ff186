# llama-server from llama.cpp's sources against shared libraries of the same sources that are there already: what is compiled is the
# server and what it reads images with, not the engine. Needs SOURCE and LIBS.
cmake_minimum_required(VERSION 3.18)
project(llama-server-peer C CXX)
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)
set(CMAKE_INSTALL_RPATH "${LIBS}")
find_package(Threads REQUIRED)

file(GLOB llama_library "${LIBS}/libllama.v*.so")
file(GLOB ggml_library "${LIBS}/libggml.v*.so")
set(libraries "${LIBS}/libllama-common.so" ${llama_library} ${ggml_library} "${LIBS}/libggml-base.so")

# The server's own page is left out.
set(ui "${CMAKE_CURRENT_BINARY_DIR}/ui")
file(MAKE_DIRECTORY "${ui}")
execute_process(
  COMMAND ${CMAKE_COMMAND} -DUI_SOURCE_DIR=${SOURCE}/tools/ui -DUI_BINARY_DIR=${ui} -DLLAMA_SOURCE_DIR=${SOURCE} -DHF_ENABLED=OFF
    -DBUILD_UI=OFF -DLLAMA_UI_GZIP=OFF -P ${SOURCE}/scripts/ui-assets.cmake
  COMMAND_ERROR_IS_FATAL ANY)

file(GLOB server_sources "${SOURCE}/tools/server/*.cpp")
file(GLOB image_sources "${SOURCE}/tools/mtmd/*.cpp" "${SOURCE}/tools/mtmd/models/*.cpp")
list(FILTER image_sources EXCLUDE REGEX "(mtmd-cli|deprecation-warning|/debug/)")

file(GLOB_RECURSE hash_sources "${SOURCE}/vendor/hash/*.c" "${SOURCE}/vendor/hash/*.cpp")
set_source_files_properties("${SOURCE}/vendor/hash/sha1/sha1.c" PROPERTIES LANGUAGE CXX)

add_executable(llama-server ${server_sources} ${image_sources} ${hash_sources} "${ui}/ui.cpp")
target_compile_definitions(llama-server PRIVATE LLAMA_SUBPROCESS LLAMA_SHARED GGML_SHARED GGML_BACKEND_SHARED NDEBUG)
target_compile_options(llama-server PRIVATE -O2 -w)
target_include_directories(llama-server PRIVATE
  "${ui}" "${SOURCE}" "${SOURCE}/include" "${SOURCE}/ggml/include" "${SOURCE}/common" "${SOURCE}/src" "${SOURCE}/tools/server"
  "${SOURCE}/tools/mtmd" "${SOURCE}/vendor" "${SOURCE}/vendor/nlohmann" "${SOURCE}/vendor/sheredom" "${SOURCE}/vendor/stb"
  "${SOURCE}/vendor/miniaudio" "${SOURCE}/vendor/hash")
target_link_libraries(llama-server PRIVATE ${libraries} Threads::Threads ${CMAKE_DL_LIBS})
