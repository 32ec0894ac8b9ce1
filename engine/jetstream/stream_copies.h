#pragma once

#include "engine/jetstream/stream/stream.h"
#include "engine/jetstream/stream/stream_config.h"
#include "engine/subject/transform.h"
#include "engine/world/world.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::jetstream {

/// How far a stream is with one that it copies.
struct CopyProgress {
    StreamSource const* source = nullptr;
    std::uint64_t lag = 0;                 ///< Messages that are still to come.
    std::optional<WallTime> last_contact;  ///< None: there was none yet.
};

/// Carries messages from the streams of the same account into one that mirrors or gathers them: in
/// their order, each once, from where it was when the server last ran.
class StreamCopies final : private StreamFollower {
public:
    using Find = std::function<Stream*(std::string_view name)>;

    /// `world` and `target` outlive it. `find` looks among the streams of the account.
    StreamCopies(world::World& world, Stream& target, Find find);
    ~StreamCopies() override;

    StreamCopies(StreamCopies const&) = delete;
    StreamCopies& operator=(StreamCopies const&) = delete;

    /// The target's configuration, or the streams there are, may be others than before. Not while
    /// a message is handed out.
    void look_again();

    std::vector<CopyProgress> progress() const;

private:
    struct Part {
        std::string filter;  ///< Empty: every subject.
        std::string destination;
        std::optional<subject::Transform> transform;
    };
    struct Feed {
        StreamSource source;
        std::string key;  ///< What its position is remembered by.
        std::vector<Part> parts;
        std::vector<subject::Filter> filters;
        Stream* origin = nullptr;  ///< Where it is registered; only compared.
        std::uint64_t next = 0;    ///< Of the origin, the sequence to go on from; 0: not known.
        std::optional<WallTime> last_contact;
        bool fetching = false;
    };

    // StreamFollower
    void origin_stored() override { plan(); }

    void make_feeds();
    std::unique_ptr<Feed> make_feed(StreamSource const& source) const;
    void let_go();
    void plan();
    void pump();
    bool pump(Feed& feed, Stream& origin);
    std::uint64_t first_of(Feed const& feed, Stream const& origin) const;
    void fetched(std::string const& key);
    /// The part of a feed that a message comes by, and its subject here.
    struct Fitting {
        Part const* part;
        std::string subject;
    };
    std::optional<Fitting> fit(Feed const& feed, std::string_view subject) const;
    bool copy(Feed const& feed, store::StoredMessage const& message);
    bool gather(Feed const& feed, store::StoredMessage const& message);
    std::uint64_t lag_of(Feed const& feed, Stream const& origin) const;

    world::World& world_;
    Stream& target_;
    Find find_;
    std::vector<std::unique_ptr<Feed>> feeds_;
    std::optional<StreamSource> mirror_;  ///< As the feeds were made for.
    std::vector<StreamSource> sources_;   ///< Likewise.
    bool planned_ = false;
    std::shared_ptr<char const> life_ = std::make_shared<char const>('\0');  ///< For late tasks.
};

}  // namespace signalbox::jetstream
