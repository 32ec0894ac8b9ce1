#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox::native {

/// What the system says, for `path`. All errors are Io.
Error disk_error(std::string_view what, std::string const& path, int error);

Result<void> write_at(int fd, std::string const& path, std::uint64_t offset,
                      std::string_view content);

/// Fewer than `size` bytes when the file ends before.
Result<std::string> read_at(int fd, std::string const& path, std::uint64_t offset,
                            std::uint64_t size);

/// The file's data and what is needed to find it.
Result<void> sync_data(int fd, std::string const& path);

Result<void> sync_directory_at(std::string const& path);

/// See world::Disk::set_size.
Result<void> resize(int fd, std::string const& path, std::uint64_t size);

}  // namespace signalbox::native
