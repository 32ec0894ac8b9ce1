#include "gui/pages/log_page.h"

#include "gui/icons.h"
#include "gui/models/figures.h"
#include "gui/widgets/live_table.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>

namespace signalbox::gui {

LogPage::LogPage(PageContext const& context)
    : Page(context, {QStringLiteral("log"), tr("Log"), QStringLiteral("log")}),
      model_(new LogModel(this)) {
    level_ = new QComboBox;
    level_->setAccessibleName(tr("Least level"));
    level_->setToolTip(tr("Show lines at least as grave as this"));
    for (base::LogLevel const level :
         {base::LogLevel::Trace, base::LogLevel::Debug, base::LogLevel::Notice,
          base::LogLevel::Warning, base::LogLevel::Error}) {
        level_->addItem(
            level == base::LogLevel::Trace ? tr("all levels") : tr("from %1").arg(levelName(level)),
            static_cast<int>(level));
    }
    text_ = new QLineEdit;
    text_->setPlaceholderText(tr("Show lines with…"));
    text_->setClearButtonEnabled(true);
    text_->setAccessibleName(tr("Text in lines"));
    text_->setMaximumWidth(340);
    count_ = new QLabel;
    count_->setProperty("role", "muted");
    count_->setAccessibleName(tr("Number of lines"));

    table_ = new LiveTable(context.theme, tr("Log"));
    table_->setModel(model_);
    table_->setColumnWidths({108, 74, 400}, LogModel::Text);
    table_->cells().setMonospace({LogModel::Text});
    table_->horizontalHeader()->hide();
    table_->enableFollowing();
    table_->setEmptyText(tr("The broker's log would be here; it has written nothing yet."));

    auto* const follow = new QAction(icon(QStringLiteral("follow")), tr("Follow"), this);
    follow->setCheckable(true);
    follow->setChecked(true);
    follow->setToolTip(tr("Stay at the newest line; scrolling up ends it"));
    auto* const clear = new QAction(icon(QStringLiteral("clear")), tr("Clear"), this);
    clear->setToolTip(tr("Forget the lines shown here"));

    tools().addWidget(level_);
    tools().addWidget(text_, 2);
    tools().addSpacing(kSpace);
    tools().addWidget(count_);
    tools().addStretch(1);
    addTool(follow, Qt::ToolButtonTextBesideIcon);
    addTool(clear);
    body().addWidget(table_, 1);

    connect(level_, &QComboBox::currentIndexChanged, this, [this] {
        model_->setLevel(static_cast<base::LogLevel>(level_->currentData().toInt()));
        showCount();
    });
    connect(text_, &QLineEdit::textChanged, this, [this](QString const& text) {
        model_->setText(text);
        showCount();
    });
    connect(follow, &QAction::toggled, table_, &LiveTable::setFollowing);
    connect(table_, &LiveTable::followingChanged, follow, &QAction::setChecked);
    connect(clear, &QAction::triggered, this, [this] {
        model_->clear();
        showCount();
    });
    connect(&context.source, &DataSource::logArrived, this, [this](LogBatch const& rows) {
        model_->append(rows);
        if (isVisible()) {
            showCount();
        }
    });
}

void LogPage::showSnapshot(observe::SnapshotPtr const& snapshot) {
    dropped_ = snapshot->log_dropped;
    showCount();
}

void LogPage::showCount() {
    auto const shown = static_cast<std::size_t>(model_->rowCount());
    QString text = shown == model_->held()
                       ? tr("%1 lines").arg(exactCount(shown))
                       : tr("%1 of %2 lines").arg(exactCount(shown), exactCount(model_->held()));
    if (dropped_ > 0) {
        text += tr(", %1 came too fast and were dropped").arg(exactCount(dropped_));
    }
    count_->setText(text);
}

void LogPage::focusSearch() {
    text_->setFocus();
    text_->selectAll();
}

void LogPage::saveLayout() {
    saveColumns(*table_, title().id);
}

}  // namespace signalbox::gui
