#include "engine/host/lab/plan_options.h"

#include "engine/base/text.h"
#include "engine/config/command_line.h"
#include "engine/config/load.h"

#include <utility>

namespace signalbox::host::lab {

namespace {

/// The one file there is.
class OneFile final : public config::FileReader {
public:
    OneFile(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {}

    Result<std::string> read(std::string const& path) override {
        if (path != path_) {
            return Error(Errc::NotFound, concat("open ", path, ": a scenario has no files"));
        }
        return text_;
    }

private:
    std::string path_;
    std::string text_;
};

}  // namespace

Result<config::Options> planned_options(Plan const& plan, std::size_t server, bool monitored) {
    std::string const path = plan.servers()[server].name + ".conf";
    OneFile file(path, plan.configuration(server, monitored));
    config::Loaded loaded = TRY(config::load(config::CommandLine::for_file(path), file, {}));
    return std::move(loaded.options);
}

}  // namespace signalbox::host::lab
