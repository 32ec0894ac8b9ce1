#pragma once

#include "engine/base/text.h"
#include "engine/config/file_reader.h"

#include <map>
#include <string>

namespace signalbox::config {

/// Files that exist only here.
class MemoryFiles : public FileReader {
public:
    MemoryFiles() = default;
    explicit MemoryFiles(std::map<std::string, std::string> files) : files_(std::move(files)) {}

    Result<std::string> read(std::string const& path) override {
        auto const found = files_.find(path);
        if (found == files_.end()) {
            return Error(Errc::NotFound, concat("open ", path, ": no such file or directory"));
        }
        return found->second;
    }

private:
    std::map<std::string, std::string> files_;
};

}  // namespace signalbox::config
