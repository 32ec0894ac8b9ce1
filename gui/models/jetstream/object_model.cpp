#include "gui/models/jetstream/object_model.h"

#include "gui/models/figures.h"

#include <QHash>
#include <QJsonDocument>
#include <QJsonObject>

namespace signalbox::gui {

std::optional<ObjectRow> readObject(host::StoredMessage const& message) {
    QJsonDocument const document =
        QJsonDocument::fromJson(QByteArray::fromStdString(message.payload));
    QJsonObject const info = document.object();
    ObjectRow row{.name = info.value(QStringLiteral("name")).toString(),
                  .description = info.value(QStringLiteral("description")).toString(),
                  .size = static_cast<quint64>(info.value(QStringLiteral("size")).toInteger()),
                  .chunks = static_cast<quint64>(info.value(QStringLiteral("chunks")).toInteger()),
                  .nuid = info.value(QStringLiteral("nuid")).toString(),
                  .digest = info.value(QStringLiteral("digest")).toString(),
                  .deleted = info.value(QStringLiteral("deleted")).toBool(),
                  .changed = message.time,
                  .json = QString::fromUtf8(document.toJson(QJsonDocument::Indented))};
    QJsonObject const link =
        info.value(QStringLiteral("options")).toObject().value(QStringLiteral("link")).toObject();
    if (!link.isEmpty()) {
        QString const name = link.value(QStringLiteral("name")).toString();
        QString const bucket = link.value(QStringLiteral("bucket")).toString();
        row.link = name.isEmpty() ? bucket : QStringLiteral("%1/%2").arg(bucket, name);
    }
    return row.name.isEmpty() ? std::nullopt : std::optional(std::move(row));
}

QString ObjectModel::text(ObjectRow const& row, int column) const {
    switch (column) {
        case Name:
            return row.name;
        case Size:
            return row.link.isEmpty() ? shortBytes(static_cast<double>(row.size)) : QString();
        case Changed:
            return dateText(row.changed);
        case Chunks:
            return exactCount(row.chunks);
        case Description:
            return row.link.isEmpty() ? row.description : tr("stands for %1").arg(row.link);
        case Digest:
            return row.digest;
        default:
            return {};
    }
}

std::partial_ordering ObjectModel::compare(ObjectRow const& a, ObjectRow const& b,
                                           int column) const {
    auto const texts = [](QString const& left, QString const& right) {
        return left.compare(right) <=> 0;
    };
    switch (column) {
        case Size:
            return a.size <=> b.size;
        case Changed:
            return a.changed <=> b.changed;
        case Chunks:
            return a.chunks <=> b.chunks;
        case Description:
            return texts(a.description, b.description);
        case Digest:
            return texts(a.digest, b.digest);
        default:
            return texts(a.name, b.name);
    }
}

bool ObjectModel::matches(ObjectRow const& row, QString const& filter) const {
    return row.name.contains(filter, Qt::CaseInsensitive) ||
           row.description.contains(filter, Qt::CaseInsensitive);
}

Tone ObjectModel::tone(ObjectRow const& row, int column) const {
    return row.deleted || column == Digest || column == Chunks ? Tone::Muted : Tone::Plain;
}

Badges ObjectModel::badges(ObjectRow const& row, int column) const {
    if (column != Name) {
        return {};
    }
    if (row.deleted) {
        return {{tr("deleted"), Tone::Warning}};
    }
    return row.link.isEmpty() ? Badges() : Badges{{tr("link"), Tone::Accent}};
}

}  // namespace signalbox::gui
