#include "engine/config/document.h"

#include "engine/base/text.h"
#include "engine/config/block_spec.h"

namespace signalbox::config {

namespace {

std::string_view reload_text(ReloadRule rule) {
    switch (rule) {
        case ReloadRule::Applied:
            return "yes";
        case ReloadRule::Partial:
            return "in part";
        case ReloadRule::Refused:
            return "no";
    }
    return "";
}

/// `text` as code, and a bar in it as one of the table's cells would have it.
std::string code(std::string_view text) {
    return text.empty() ? "" : concat("`", text, "`");
}

void document_key(Key const& key, std::string& out) {
    std::string names;
    for (std::string_view name : base::split(key.names, ' ')) {
        append(names, names.empty() ? "" : ", ", "`", name, "`");
    }
    append(out, "| ", names, " | ", key.type_text(), " | ", code(key.default_text()), " | ",
           reload_text(key.reload), " | ", key.about, " |\n");
}

void document_block(BlockSpec const& spec, std::string& out) {
    if (spec.path.empty()) {
        out += "## Keys at the top of the file\n\n";
    } else {
        append(out, "## Keys of `", spec.path, "`\n\n", spec.about, "\n\n");
    }
    if (!spec.example.empty()) {
        append(out, "```\n", spec.example, "\n```\n\n");
    }
    out += "| key | type | default | reload | meaning |\n|---|---|---|---|---|\n";
    for (Key const& key : spec.keys) {
        if (key.built()) {
            document_key(key, out);
        }
    }
    out += "\n";
}

}  // namespace

std::string document_keys() {
    std::string out;
    for (std::size_t block = 0; block < kBlockCount; ++block) {
        document_block(spec_of(static_cast<Block>(block)), out);
    }
    out +=
        "## Known keys that are refused\n\n"
        "They belong to parts that are not built. A file that has one is refused and told which "
        "part it\nis; `false` and `disabled` are accepted, for they ask for nothing.\n\n"
        "| key | part |\n|---|---|\n";
    for (std::size_t block = 0; block < kBlockCount; ++block) {
        BlockSpec const spec = spec_of(static_cast<Block>(block));
        for (Key const& key : spec.keys) {
            if (!key.built()) {
                append(out, "| `", spec.path, spec.path.empty() ? "" : ".", key.name(), "` | ",
                       key.part, " |\n");
            }
        }
    }
    return out;
}

}  // namespace signalbox::config
