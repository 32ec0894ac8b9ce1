#include "engine/store/journal/journal_scan.h"

#include <cstddef>
#include <cstdint>

namespace {

/// Looks at all it is given, so that a view beyond the file is seen.
class Look final : public signalbox::store::ScanVisitor {
public:
    void record(signalbox::store::RecordHeader const&, signalbox::Bytes payload) override {
        for (char const byte : payload) {
            sum += static_cast<unsigned char>(byte);
        }
    }
    void lost(signalbox::store::RecordHeader const&) override {}
    void gap(std::uint64_t, std::uint64_t) override {}

    std::uint64_t sum = 0;
};

}  // namespace

/// A journal file: what decodes as a header is scanned with it, and all else with a made one, whose
/// checksums an input of random bytes passes only by what the corpus holds.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace signalbox;
    Bytes const file(reinterpret_cast<char const*>(data), size);
    Result<store::JournalFileHeader> const header = store::decode_journal_file_header(file);
    store::JournalFileHeader const used =
        header.ok() ? header.value() : store::JournalFileHeader{.number = 1};
    Look look;
    scan_journal_file(file, used, {}, 0, look);
    scan_journal_file(file, used, {}, 3, look);
    return 0;
}
