#include "gui/models/change_model.h"

#include "engine/config/change.h"

#include <algorithm>

namespace signalbox::gui {

namespace {

QString textOf(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

std::vector<config::Change> changesBetween(ConfigurationPtr const& from,
                                           ConfigurationPtr const& to) {
    return from && to ? config::changes(from->options, to->options) : std::vector<config::Change>();
}

/// The row of the change's key, which is added behind the others when there is none.
ChangeRow& rowFor(config::Change const& change, std::vector<ChangeRow>& rows) {
    QString const key = textOf(change.key);
    auto const found = std::ranges::find(rows, key, &ChangeRow::key);
    if (found != rows.end()) {
        return *found;
    }
    QString const now = textOf(change.now);
    rows.push_back(
        {.key = key, .running = now, .file = now, .editor = now, .reload = std::nullopt});
    return rows.back();
}

QString orNothing(QString const& text) {
    return text.isEmpty() ? QStringLiteral("—") : text;
}

}  // namespace

std::vector<ChangeRow> compareConfigurations(ConfigurationPtr const& running,
                                             ConfigurationPtr const& file,
                                             ConfigurationPtr const& editor) {
    std::vector<ChangeRow> rows;
    for (config::Change const& change : changesBetween(running, editor)) {
        ChangeRow& row = rowFor(change, rows);
        row.running = textOf(change.was);
        row.reload = change.reload;
    }
    for (config::Change const& change : changesBetween(file, editor)) {
        rowFor(change, rows).file = textOf(change.was);
    }
    for (ChangeRow& row : rows) {
        if (!running) {
            row.running.reset();
        }
        if (!file) {
            row.file.reset();
        }
    }
    return rows;
}

void ChangeModel::show(std::vector<ChangeRow> rows) {
    beginResetModel();
    rows_ = std::move(rows);
    endResetModel();
}

int ChangeModel::restarts() const {
    return static_cast<int>(std::ranges::count_if(
        rows_, [](ChangeRow const& row) { return row.reload == config::ReloadRule::Refused; }));
}

int ChangeModel::rowCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int ChangeModel::columnCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(kColumns);
}

QVariant ChangeModel::data(QModelIndex const& index, int role) const {
    if (!index.isValid() || static_cast<std::size_t>(index.row()) >= rows_.size()) {
        return {};
    }
    ChangeRow const& row = rows_[static_cast<std::size_t>(index.row())];
    bool const other = (index.column() == Running && row.running && row.running != row.editor) ||
                       (index.column() == File && row.file && row.file != row.editor);
    switch (role) {
        case Qt::DisplayRole:
            return index.column() == Effect ? QString() : text(row, index.column());
        case Qt::AccessibleTextRole:
        case Qt::ToolTipRole:
            return text(row, index.column());
        case BadgesRole:
            if (index.column() != Effect) {
                return {};
            }
            return QVariant::fromValue(Badges{
                {text(row, Effect), !row.reload                                 ? Tone::Muted
                                    : row.reload == config::ReloadRule::Applied ? Tone::Good
                                                                                : Tone::Warning}});
        case ToneRole:
            if (index.column() == Editor || index.column() == KeyName) {
                return static_cast<int>(Tone::Plain);
            }
            return static_cast<int>(other ? Tone::Accent : Tone::Muted);
        default:
            return {};
    }
}

QString ChangeModel::text(ChangeRow const& row, int column) const {
    switch (column) {
        case KeyName:
            return row.key;
        case Running:
            return row.running ? orNothing(*row.running) : tr("not running");
        case File:
            return row.file ? orNothing(*row.file) : tr("no file");
        case Editor:
            return orNothing(row.editor);
        case Effect:
            if (!row.running) {
                return tr("at the next start");
            }
            if (!row.reload) {
                return tr("in force already");
            }
            return row.reload == config::ReloadRule::Applied ? tr("applies on reload")
                                                             : tr("needs a restart");
        default:
            return {};
    }
}

QVariant ChangeModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole) {
        return int(Qt::AlignLeft | Qt::AlignVCenter);
    }
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
        case KeyName:
            return tr("Key");
        case Running:
            return tr("Running");
        case File:
            return tr("File");
        case Editor:
            return tr("Editor");
        case Effect:
            return tr("Its change");
        default:
            return {};
    }
}

}  // namespace signalbox::gui
