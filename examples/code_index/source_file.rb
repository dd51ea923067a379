# frozen_string_literal: true

module CodeIndex
  # Finding and reading Ruby source files, whatever state they are in.
  module SourceFile
    # The file is there but its text cannot be used.
    class Unusable < StandardError; end

    MAGIC_COMMENT = /\A(?:#!.*\n)?#.*coding[:=]\s*([\w.-]+)/n
    BYTE_ORDER_MARK = "\xEF\xBB\xBF".b.freeze

    class << self
      # @param roots [Array<String>] directories
      # @return [Enumerator<String>] paths of the Ruby files below them, each file once
      def below(roots)
        return enum_for(__method__, roots) unless block_given?

        seen = {}
        roots.each do |root|
          Dir.glob(File.join(root, "**", "*.rb")).each do |path|
            next if seen[identity(path)]

            seen[identity(path)] = true
            yield path
          end
        end
      end

      # @return [Array<String>] where this Ruby installation keeps the files that it ships
      def installation_roots
        config = RbConfig::CONFIG
        roots = [config["rubylibdir"], config["vendordir"], config["sitedir"], *Gem.path]
        roots.compact.uniq.select { |root| File.directory?(root) }
      end

      # @return [String] the text in the encoding that the file declares, without byte order mark
      # @raise [Unusable, SystemCallError]
      def read(path)
        # Opening a named pipe would wait for a writer.
        raise Unusable, "not a regular file" unless File.stat(path).file?

        bytes = File.binread(path).delete_prefix(BYTE_ORDER_MARK)
        text = bytes.force_encoding(encoding_of(bytes))
        raise Unusable, "invalid #{text.encoding}" unless text.valid_encoding?

        text
      end

      private

      # The same file may be reached by several roots and links; a dangling link is only itself.
      def identity(path)
        File.realpath(path)
      rescue SystemCallError
        path
      end

      def encoding_of(bytes)
        name = bytes[MAGIC_COMMENT, 1] or return Encoding::UTF_8
        Encoding.find(name.sub(/-(?:unix|dos|mac)\z/i, ""))
      rescue ArgumentError
        raise Unusable, "unknown encoding #{name}"
      end
    end
  end
end
