#pragma once

#include "engine/host/jetstream/stored_facts.h"

#include <QJsonObject>
#include <QString>
#include <QStringList>

#include <optional>

namespace signalbox::gui {

/// The limits that are set, in short: `10 MB, 1 d, 5 per subject`.
QString limitsText(host::StreamLimits const& limits);

/// `90 s`, `10 min`, `1 d 4 h`; zero: `none`.
QString spanText(base::Duration span);
/// Reads `90s`, `10m`, `24h`, `7d`, `1h30m`; empty, `0` and `none` are zero. None: it is no span.
std::optional<base::Duration> parseSpan(QString const& text);
/// `10 MB` as `10000000`, with k, M, G, T and, of 1024, Ki, Mi, Gi, Ti; empty and `none` are -1.
std::optional<qint64> parseAmount(QString const& text);
/// What `parseAmount` reads back; -1 is empty.
QString amountText(qint64 amount);

/// What a change of a stream's settings brings about, each a sentence; `before` empty: it is made.
/// Those that delete messages come first.
struct Consequences {
    QStringList deletes;
    QStringList others;
    QStringList refused;  ///< What no server takes.

    bool none() const { return deletes.isEmpty() && others.isEmpty() && refused.isEmpty(); }
};
Consequences consequencesOf(QJsonObject const& before, QJsonObject const& after,
                            host::StreamState const& state, base::WallTime now);

/// The settings and state of a stream as HTML, for a person.
QString streamHtml(host::StreamFacts const& stream, base::WallTime now);
/// Of the account.
QString accountUseText(host::AccountUse const& use);

}  // namespace signalbox::gui
