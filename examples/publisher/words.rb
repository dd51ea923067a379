# frozen_string_literal: true

require "rbconfig"

module Publisher
  # Real words: those of the system's word list, else those in the files of Ruby's library and its gems.
  module Words
    LISTS = %w[/usr/share/dict/words /usr/share/dict/american-english /usr/dict/words].freeze
    PATTERN = /\A[a-z]{2,}\z/

    module_function

    # @param count [Integer]
    # @return [Array<String>] that many from the whole alphabet, or all that there are
    def take(count)
      all = (list || library).grep(PATTERN).uniq.sort
      return all if all.size <= count

      Array.new(count) { |index| all[index * all.size / count] }
    end

    def list
      path = LISTS.find { |name| File.readable?(name) }
      path && File.readlines(path, chomp: true, encoding: "UTF-8").select(&:valid_encoding?)
    end

    def library
      roots = [RbConfig::CONFIG["rubylibdir"], *Gem.path]
      paths = Dir[*roots.map { |root| File.join(root, "**", "*.{rb,md,rdoc}") }].select { |path| File.file?(path) }
      paths.flat_map { |path| File.read(path, encoding: "UTF-8").scrub.scan(/\b[a-z]{2,}\b/).uniq }
    end
  end
end
