#include "engine/store/segment/segment_rebuild.h"

#include "engine/store/segment/block.h"

#include <map>

namespace signalbox::store {
namespace {

class Rebuild {
public:
    Rebuild(Bytes file, std::uint64_t stream, std::uint64_t segment)
        : file_(file), stream_(stream), segment_(segment) {}

    RebuiltContents run() {
        std::uint64_t at = kSegmentHeaderSize;
        while (at < file_.size()) {
            std::uint32_t const number =
                static_cast<std::uint32_t>(rebuilt_.contents.blocks.size());
            Result<BlockHeader> const header =
                read_block_header(file_.substr(at), {stream_, segment_, number});
            if (!header.ok()) {
                std::uint64_t const next = find_block(at + 1);
                add_lost(at, next - at);
                at = next;
                continue;
            }
            std::uint64_t const size = kBlockHeaderSize + std::uint64_t{header.value().stored};
            take_block(at, size, header.value());
            at += size;
        }
        for (std::string const& text : rebuilt_.texts) {
            rebuilt_.contents.subjects.emplace_back(text);
        }
        return std::move(rebuilt_);
    }

private:
    /// Where the next block that can be read begins: the one after the damaged one, or a later one
    /// when more than one is damaged.
    std::uint64_t find_block(std::uint64_t from) {
        std::uint32_t const number =
            static_cast<std::uint32_t>(rebuilt_.contents.blocks.size()) + 1;
        for (std::uint64_t at = from; at + kBlockHeaderSize <= file_.size(); ++at) {
            // The magic's first byte, which makes this fast enough for what is rare.
            if (file_[at] != 'S') {
                continue;
            }
            for (std::uint32_t skipped = 0; skipped < 4; ++skipped) {
                if (read_block_header(file_.substr(at), {stream_, segment_, number + skipped})
                        .ok()) {
                    for (std::uint32_t i = 0; i < skipped; ++i) {
                        add_lost(from, 0);
                    }
                    return at;
                }
            }
        }
        return file_.size();
    }

    void add_lost(std::uint64_t at, std::uint64_t size) {
        rebuilt_.contents.blocks.push_back({.offset = at,
                                            .stored = static_cast<std::uint32_t>(size),
                                            .written = true,
                                            .damaged = true});
        ++rebuilt_.lost_blocks;
    }

    void take_block(std::uint64_t at, std::uint64_t size, BlockHeader const& header) {
        std::uint32_t const number = static_cast<std::uint32_t>(rebuilt_.contents.blocks.size());
        Result<std::string> const records =
            open_block(file_.substr(at, size), {stream_, segment_, number});
        if (!records.ok()) {
            add_lost(at, size);
            return;
        }
        rebuilt_.contents.blocks.push_back({.offset = at,
                                            .stored = static_cast<std::uint32_t>(size),
                                            .raw = header.raw,
                                            .written = true});
        std::size_t offset = 0;
        while (offset < records.value().size()) {
            Result<StoredMessage> const message = read_record(records.value(), offset);
            if (!message.ok() || !add_row(message.value(), number, offset)) {
                return;
            }
            offset += record_size(records.value(), offset).value();
        }
    }

    bool add_row(StoredMessage const& message, std::uint32_t block, std::size_t offset) {
        SegmentTable& table = rebuilt_.contents.table;
        if (!table.empty() && message.sequence <= table.last()) {
            return false;
        }
        if (table.empty()) {
            before_ = message.sequence - 1;
        }
        auto const [subject, added] = subjects_.try_emplace(
            std::string(message.subject), Subject{static_cast<std::uint32_t>(subjects_.size()), 0});
        if (added) {
            rebuilt_.texts.emplace_back(message.subject);
        }
        table.append(
            {.sequence = message.sequence,
             .time = message.time.since_epoch().count(),
             .block = block,
             .offset = static_cast<std::uint32_t>(offset),
             .size = static_cast<std::uint32_t>(kRecordOverhead + message.subject.size() +
                                                message.headers.size() + message.payload.size()),
             .has_headers = !message.headers.empty(),
             .subject = subject->second.number,
             .previous = added ? before_ : subject->second.last});
        subject->second.last = message.sequence;
        return true;
    }

    struct Subject {
        std::uint32_t number = 0;
        Sequence last = 0;
    };

    Bytes file_;
    std::uint64_t stream_;
    std::uint64_t segment_;
    RebuiltContents rebuilt_;
    /// Stands for the message before on a subject, which may be anywhere in earlier segments.
    Sequence before_ = 0;
    std::map<std::string, Subject, std::less<>> subjects_;
};

}  // namespace

RebuiltContents rebuild_contents(Bytes file, std::uint64_t stream, std::uint64_t segment) {
    return Rebuild(file, stream, segment).run();
}

}  // namespace signalbox::store
