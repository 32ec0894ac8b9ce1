#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The entries of a stream's log: what happened, in the order it counts. Each has the leader's
/// time. Views are into the entry.
namespace signalbox::jetstream {

/// A message on its way into the stream. `subject` is as it is stored.
struct PublishCommand {
    std::string_view subject;
    Bytes headers;
    Bytes payload;
};

/// Messages that are stored all together or not at all.
struct BatchCommand {
    std::string_view id;
    std::vector<PublishCommand> messages;
};

struct EraseCommand {
    std::uint64_t sequence = 0;
    bool overwrite = false;
};

struct PurgeCommand {
    std::string_view filter;     ///< Empty: all subjects.
    std::uint64_t sequence = 0;  ///< Those before it; 0: all.
    std::uint64_t keep = 0;      ///< So many of the newest stay.
};

/// What is too old by now goes.
struct ExpireCommand {};

/// The configuration is this from now on, as JSON.
struct UpdateCommand {
    Bytes config;
};

/// Something of the consumers'.
struct ConsumerEntry {
    Bytes bytes;
};

/// A message that was copied: it has its sequence and time already. Those before it that are not
/// there are gaps.
struct CopyCommand {
    std::uint64_t sequence = 0;
    WallTime time;
    PublishCommand message;
};

/// A message of a source, with its sequence there.
struct SourceCommand {
    std::string_view key;  ///< Which source.
    std::uint64_t sequence = 0;
    PublishCommand message;
};

using StreamCommand =
    std::variant<PublishCommand, BatchCommand, EraseCommand, PurgeCommand, ExpireCommand,
                 UpdateCommand, ConsumerEntry, CopyCommand, SourceCommand>;

struct StreamEntry {
    WallTime time;
    StreamCommand command;
};

/// What stands before the headers and the payload of an entry of a publish, so that those need not
/// be copied: the entry is the three of them, one after the other.
std::string publish_head(WallTime time, PublishCommand const& command);

std::string encode(WallTime time, StreamCommand const& command);

/// Errors: Corrupt.
Result<StreamEntry> decode_entry(Bytes entry);

}  // namespace signalbox::jetstream
