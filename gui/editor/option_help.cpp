#include "gui/editor/option_help.h"

#include <QCoreApplication>

#include <limits>
#include <optional>

namespace signalbox::gui {

namespace {

QString say(char const* text) {
    return QCoreApplication::translate("option", text);
}

QString textOf(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// None where names are free, or where the path leads to nothing that is known.
std::optional<config::Block> blockAt(std::vector<std::string> const& path) {
    std::vector<std::string_view> const parts(path.begin(), path.end());
    std::optional<config::Place> const place = config::place_at(parts);
    return place && !place->in_array ? place->block : std::nullopt;
}

/// Whether a running server takes a change; empty where that is said of the block around.
QString reloadText(config::Key const& key) {
    if (key.same == nullptr) {
        return {};
    }
    switch (key.reload) {
        case config::ReloadRule::Applied:
            return say("applies on reload");
        case config::ReloadRule::Partial:
            return say("applies on reload, but not every one");
        case config::ReloadRule::Refused:
            return say("needs a restart");
    }
    return {};
}

QString boundsText(config::Key const& key) {
    bool const low = key.lowest != std::numeric_limits<std::int64_t>::min();
    bool const high = key.highest != std::numeric_limits<std::int64_t>::max();
    if (low && high) {
        return say("from %1 to %2").arg(key.lowest).arg(key.highest);
    }
    if (low) {
        return say("%1 or more").arg(key.lowest);
    }
    return high ? say("at most %1").arg(key.highest) : QString();
}

/// What one writes most often for such a value, as a hint.
QString example(config::KeyType type) {
    switch (type) {
        case config::KeyType::Duration:
        case config::KeyType::Seconds:
            return QStringLiteral("30s, 2m, 1h30m");
        case config::KeyType::Address:
            return QStringLiteral("4222, \"127.0.0.1:4222\"");
        case config::KeyType::Strings:
            return QStringLiteral("[\"one\", \"two\"]");
        case config::KeyType::Boolean:
            return QStringLiteral("true, false");
        default:
            return {};
    }
}

}  // namespace

config::Key const* keyIn(std::vector<std::string> const& path, std::string const& name) {
    std::optional<config::Block> const block = blockAt(path);
    return block ? config::find_key(*block, name) : nullptr;
}

QStringList keysIn(std::vector<std::string> const& path) {
    QStringList names;
    if (std::optional<config::Block> const block = blockAt(path)) {
        for (config::Key const& key : config::keys_of(*block)) {
            if (key.built()) {
                names.append(textOf(key.name()));
            }
        }
    }
    names.sort();
    return names;
}

QStringList valuesOf(config::Key const& key) {
    if (key.type == config::KeyType::Boolean) {
        return {QStringLiteral("false"), QStringLiteral("true")};
    }
    if (!key.choices.empty()) {
        return textOf(key.choices).split(QLatin1Char(' '), Qt::SkipEmptyParts);
    }
    QString const standard = textOf(key.default_text());
    bool const plain = !standard.isEmpty() && key.type != config::KeyType::Secret;
    return plain ? QStringList{standard} : QStringList();
}

QString helpHtml(config::Key const& key, std::vector<std::string> const& path) {
    QString where;
    for (std::string const& part : path) {
        if (part == "[]") {
            continue;
        }
        where += textOf(part).toHtmlEscaped() + QStringLiteral(" › ");
    }
    QString html =
        QStringLiteral("<p>%1<b>%2</b></p>").arg(where, textOf(key.name()).toHtmlEscaped());
    if (!key.built()) {
        return html + QStringLiteral("<p>%1</p>")
                          .arg(say("Belongs to %1, which is not part of this build yet.")
                                   .arg(textOf(key.part).toHtmlEscaped()));
    }
    html += QStringLiteral("<p>%1</p><table cellspacing=0 cellpadding=2>")
                .arg(textOf(key.about).toHtmlEscaped());
    auto const row = [&](QString const& name, QString const& value) {
        if (!value.isEmpty()) {
            html += QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td>%2</td></tr>")
                        .arg(name, value.toHtmlEscaped());
        }
    };
    row(say("Type"), textOf(key.type_text()));
    row(say("Default"), textOf(key.default_text()));
    row(say("One of"), textOf(key.choices).replace(QLatin1Char(' '), QStringLiteral(", ")));
    row(say("Range"), boundsText(key));
    row(say("Such as"), example(key.type));
    QString const aliases = textOf(key.names)
                                .section(QLatin1Char(' '), 1)
                                .replace(QLatin1Char(' '), QStringLiteral(", "));
    row(say("Also called"), aliases);
    row(say("A change"), reloadText(key));
    return html + QStringLiteral("</table>");
}

QString helpLine(config::Key const& key) {
    if (!key.built()) {
        return say("%1: belongs to %2, which is not part of this build yet")
            .arg(textOf(key.name()), textOf(key.part));
    }
    QString line = QStringLiteral("%1 (%2)").arg(textOf(key.name()), textOf(key.type_text()));
    QString const standard = textOf(key.default_text());
    if (!standard.isEmpty()) {
        line += say(", default %1").arg(standard);
    }
    return line + QStringLiteral("\n") + textOf(key.about);
}

}  // namespace signalbox::gui
