#include "engine/base/text.h"
#include "engine/config/change.h"
#include "engine/config/load.h"
#include "engine/config/validate.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace signalbox;

/// Every name is the input itself, so that includes go round.
class SameFile : public config::FileReader {
public:
    explicit SameFile(std::string_view text) : text_(text) {}
    Result<std::string> read(std::string const&) override {
        // Two includes a file, ten deep, would be a thousand files: a few are enough.
        if (++reads_ > 20) {
            return Error(Errc::NotFound, "open: no such file or directory");
        }
        return std::string(text_);
    }

private:
    std::string_view text_;
    int reads_ = 0;
};

}  // namespace

// Whatever the text, it is read or refused with a reason; what is read makes a digest and options.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text(reinterpret_cast<char const*>(data), size);
    SameFile files(text);
    config::Environment const variables = {{"A", "1"}, {"B", "$A"}, {"C", "$C"}, {"D", "{x: $B}"}};
    Result<config::Document> const document =
        config::parse_text(text, "fuzz.conf", files, variables);
    if (!document.ok()) {
        return document.error().detail().empty() ? std::abort(), 0 : 0;
    }
    Result<config::Loaded> const loaded =
        config::read_options(document.value(), "fuzz.conf", files);
    if (!loaded.ok()) {
        return loaded.error().detail().empty() ? std::abort(), 0 : 0;
    }
    // What was read can be judged, compared and told, whatever it is.
    config::Options const& options = loaded.value().options;
    Result<void> const valid = config::validate(options);
    auto const changes = config::difference(config::Options{}, options);
    if ((!valid.ok() && valid.error().detail().empty()) ||
        (!changes.ok() && changes.error().detail().empty()) ||
        !config::difference(options, options).value().empty()) {
        std::abort();
    }
    return 0;
}
