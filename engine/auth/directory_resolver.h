#pragma once

#include "engine/auth/account_resolver.h"
#include "engine/world/world.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox::auth {

/// JWTs in a directory, a file `<account key>.jwt` for each: all there are, or those used last.
/// What is not there is asked of other servers.
class DirectoryResolver final : public AccountResolver {
public:
    using AskOthers = std::function<void(std::string const& key, OnFetched done)>;

    DirectoryResolver(World& world, config::ResolverOptions options,
                      std::vector<std::pair<std::string, std::string>> preload,
                      AskOthers ask_others);
    ~DirectoryResolver() override { *alive_ = false; }

    DirectoryResolver(DirectoryResolver const&) = delete;
    DirectoryResolver& operator=(DirectoryResolver const&) = delete;

    /// Makes the directory, reads what is in it, and adds what is preloaded. Errors: Io.
    void start(OnDone done) override;
    void fetch(std::string const& key, OnFetched done) override;
    void keep(std::string const& key, std::string const& jwt,
              std::function<void(Result<bool>)> done) override;

    bool keeps_on_disk() const override { return true; }
    bool is_complete() const override { return options_.kind == config::ResolverKind::Full; }
    std::vector<std::string> keys() const override;
    std::string digest() const override;
    bool may_delete() const override { return options_.allow_delete; }
    void remove(std::string const& key, OnDone done) override;

    /// The most a cache holds when no limit is configured.
    static constexpr std::int64_t kCacheLimit = 1'000;

private:
    struct Entry {
        std::string digest;
        Instant kept_at;
        Instant used_at;
        std::optional<WallTime> expires;  ///< It is not told of after that.
    };

    Entry entry_of(std::string_view jwt) const;
    bool is_told(Entry const& entry) const;
    std::string path_of(std::string const& key) const;
    void read_files(std::shared_ptr<std::vector<std::string>> keys, OnDone done);
    void store_preload(std::size_t next, OnDone done);
    void ask(std::string const& key, OnFetched done);
    void write(std::string const& key, std::string const& jwt, OnDone done);
    void make_room();
    std::int64_t limit() const;

    World& world_;
    config::ResolverOptions options_;
    std::vector<std::pair<std::string, std::string>> preload_;
    AskOthers ask_others_;
    std::map<std::string, Entry> entries_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< For what the disk completes.
};

}  // namespace signalbox::auth
