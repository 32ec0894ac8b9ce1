#include "engine/host/lab/configuration_files.h"

#include "engine/base/text.h"

#include <filesystem>
#include <fstream>
#include <system_error>

namespace signalbox::host::lab {

namespace {

Result<void> write_file(std::filesystem::path const& path, std::string const& text) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) {
        return Error(Errc::Io, concat("cannot write ", path.string()));
    }
    return {};
}

std::string readme(Plan const& plan) {
    std::string out = "Each server is run with its file:\n\n";
    for (PlannedServer const& server : plan.servers()) {
        append(out, "    signalboxd -c ", server.name, ".conf\n");
    }
    append(out, "\nClients connect to\n\n");
    for (PlannedServer const& server : plan.servers()) {
        append(out, "    nats://", server.host, ":", server.ports.client, "    ", server.name,
               "\n");
    }
    return out;
}

}  // namespace

Result<void> write_configurations(Plan const& plan, std::string const& folder) {
    std::error_code failed;
    std::filesystem::path const path(folder);
    std::filesystem::create_directories(path, failed);
    if (failed) {
        return Error(Errc::Io, concat("cannot make ", folder, ": ", failed.message()));
    }
    for (std::size_t i = 0; i < plan.servers().size(); ++i) {
        TRY(write_file(path / (plan.servers()[i].name + ".conf"), plan.configuration(i, true)));
    }
    return write_file(path / "README", readme(plan));
}

}  // namespace signalbox::host::lab
