#pragma once

#include "engine/config/keys/schema_rows.h"

#include <string>
#include <string_view>
#include <vector>

/// What the keys of blocks about other servers have in common.
namespace signalbox::config {

void read_cluster(Key const& key, Value const& value, Target& target);
std::string print_cluster(Options const& options);
bool same_cluster(Options const& a, Options const& b);
/// A running server goes on listening where it does, as part of the same cluster.
bool keeps_cluster_place(Options const& old, Options const& now);

/// Adds the URL that the value is; `what` is it for: `route`.
void add_server_url(std::string_view what, Value const& value, std::vector<ServerUrl>& out,
                    Problems& problems);

/// A mode in words, a boolean or a block. `on`: what `true` stands for.
void read_compression_value(Key const& key, Value const& value, CompressionMode on,
                            CompressionOptions& into, Target& target);

template <auto Path, CompressionMode On = CompressionMode::Fast>
void read_compression(Key const& key, Value const& value, Target& target) {
    read_compression_value(key, value, On, at<Path>(target.as<RootOf<Path>>()), target);
}

/// One subject, several, or `allow` and `deny`.
permission::SubjectRules read_subject_rules(Key const& key, Value const& value, Target& target);

}  // namespace signalbox::config
