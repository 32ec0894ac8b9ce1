#include "engine/jetstream/stream/stream_command.h"

#include "engine/jetstream/stream/packing.h"

namespace signalbox::jetstream {
namespace {

enum class Kind : std::uint8_t {
    Publish = 1,
    Batch = 2,
    Erase = 3,
    Purge = 4,
    Expire = 5,
    Update = 6,
    Consumer = 7,
    Copy = 8,
    Source = 9,
};

std::string begin(Kind kind, WallTime time) {
    std::string out(1, static_cast<char>(kind));
    pack(out, time);
    return out;
}

struct Encoder {
    WallTime time;

    std::string operator()(PublishCommand const& one) const {
        std::string out = publish_head(time, one);
        out.append(one.headers);
        out.append(one.payload);
        return out;
    }
    std::string operator()(BatchCommand const& batch) const {
        std::string out = begin(Kind::Batch, time);
        pack(out, batch.id);
        pack(out, static_cast<std::uint64_t>(batch.messages.size()));
        for (PublishCommand const& one : batch.messages) {
            pack(out, one.subject);
            pack(out, one.headers);
            pack(out, one.payload);
        }
        return out;
    }
    std::string operator()(EraseCommand const& erase) const {
        std::string out = begin(Kind::Erase, time);
        pack(out, erase.sequence);
        out.push_back(erase.overwrite ? '\1' : '\0');
        return out;
    }
    std::string operator()(PurgeCommand const& purge) const {
        std::string out = begin(Kind::Purge, time);
        pack(out, purge.filter);
        pack(out, purge.sequence);
        pack(out, purge.keep);
        return out;
    }
    std::string operator()(ExpireCommand const&) const { return begin(Kind::Expire, time); }
    std::string operator()(UpdateCommand const& update) const {
        std::string out = begin(Kind::Update, time);
        out.append(update.config);
        return out;
    }
    std::string operator()(ConsumerEntry const& entry) const {
        std::string out = begin(Kind::Consumer, time);
        out.append(entry.bytes);
        return out;
    }
    std::string operator()(CopyCommand const& copy) const {
        std::string out = begin(Kind::Copy, time);
        pack(out, copy.sequence);
        pack(out, copy.time);
        pack(out, copy.message.subject);
        pack(out, copy.message.headers);
        out.append(copy.message.payload);
        return out;
    }
    std::string operator()(SourceCommand const& source) const {
        std::string out = begin(Kind::Source, time);
        pack(out, source.key);
        pack(out, source.sequence);
        pack(out, source.message.subject);
        pack(out, source.message.headers);
        out.append(source.message.payload);
        return out;
    }
};

PublishCommand read_whole(Unpacking& in) {
    PublishCommand one;
    one.subject = in.text();
    one.headers = in.text();
    one.payload = in.text();
    return one;
}

BatchCommand read_batch(Unpacking& in) {
    BatchCommand batch;
    batch.id = in.text();
    std::uint64_t const count = in.number();
    for (std::uint64_t at = 0; at < count && in.sound(); ++at) {
        batch.messages.push_back(read_whole(in));
    }
    return batch;
}

StreamCommand read_command(Kind kind, Unpacking& in) {
    switch (kind) {
        case Kind::Publish: {
            PublishCommand one;
            one.subject = in.text();
            std::uint64_t const headers = in.number();
            Bytes const rest = in.rest();
            one.headers = rest.substr(0, static_cast<std::size_t>(headers));
            one.payload = rest.substr(one.headers.size());
            return one;
        }
        case Kind::Batch:
            return read_batch(in);
        case Kind::Erase: {
            EraseCommand erase;
            erase.sequence = in.number();
            erase.overwrite = in.byte() != 0;
            return erase;
        }
        case Kind::Purge: {
            PurgeCommand purge;
            purge.filter = in.text();
            purge.sequence = in.number();
            purge.keep = in.number();
            return purge;
        }
        case Kind::Expire:
            return ExpireCommand{};
        case Kind::Update:
            return UpdateCommand{in.rest()};
        case Kind::Consumer:
            return ConsumerEntry{in.rest()};
        case Kind::Copy: {
            CopyCommand copy;
            copy.sequence = in.number();
            copy.time = in.time();
            copy.message.subject = in.text();
            copy.message.headers = in.text();
            copy.message.payload = in.rest();
            return copy;
        }
        case Kind::Source: {
            SourceCommand source;
            source.key = in.text();
            source.sequence = in.number();
            source.message.subject = in.text();
            source.message.headers = in.text();
            source.message.payload = in.rest();
            return source;
        }
    }
    return ExpireCommand{};
}

}  // namespace

std::string publish_head(WallTime time, PublishCommand const& command) {
    std::string out = begin(Kind::Publish, time);
    pack(out, command.subject);
    pack(out, static_cast<std::uint64_t>(command.headers.size()));
    return out;
}

std::string encode(WallTime time, StreamCommand const& command) {
    return std::visit(Encoder{time}, command);
}

Result<StreamEntry> decode_entry(Bytes entry) {
    Unpacking in(entry);
    auto const kind = in.byte();
    if (kind < static_cast<std::uint8_t>(Kind::Publish) ||
        kind > static_cast<std::uint8_t>(Kind::Source)) {
        return Error(Errc::Corrupt, "an entry of an unknown kind in a stream's log");
    }
    StreamEntry read;
    read.time = in.time();
    read.command = read_command(static_cast<Kind>(kind), in);
    if (!in.sound()) {
        return Error(Errc::Corrupt, "an entry of a stream's log is too short");
    }
    return read;
}

}  // namespace signalbox::jetstream
